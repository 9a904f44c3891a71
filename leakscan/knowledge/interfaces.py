"""What calls functions when a person uses a window, a key or a button, and for each frame of images or sound.

A person is slower than a program: what a click does is done at times, as by a clock.
"""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, MethodRow, Row, methods, rows

#: Widgets of Tk, and of what is built on it, that take `command=`.
_WIDGETS = """Button Checkbutton Radiobutton Scale Spinbox ttk.Button ttk.Checkbutton ttk.Radiobutton
    ttk.Scale ttk.Spinbox ttk.LabeledScale"""
_THEMED = "CTkButton CTkSwitch CTkSlider CTkCheckBox CTkRadioButton CTkComboBox CTkOptionMenu"
_PACKAGES = (("tkinter", _WIDGETS), ("customtkinter", _THEMED), ("ttkbootstrap", _WIDGETS))
_QT = ("PyQt5", "PyQt6", "PySide2", "PySide6")

LIBRARY = Library(
    rows=(
        *(
            Row(f"{package}.{name}", Effect.ANSWERS_AT_TIMES, argument=(None, "command"))
            for package, names in _PACKAGES
            for name in names.split()
        ),
        *rows(Effect.ANSWERS_AT_TIMES, "ipywidgets.", "interact interact_manual interactive"),
        *rows(Effect.ANSWERS_AT_TIMES, "pynput.", "keyboard.Listener mouse.Listener keyboard.GlobalHotKeys"),
        *rows(Effect.ANSWERS_AT_TIMES, "", "keyboard.add_hotkey keyboard.on_press cv2.setMouseCallback"),
        # cv2.createTrackbar(name, window, 0, 255, show)
        Row("cv2.createTrackbar", Effect.ANSWERS_AT_TIMES),
        Row("tornado.ioloop.PeriodicCallback", Effect.ANSWERS_AT_TIMES, argument=(0, "callback")),
        Row("twisted.internet.task.LoopingCall", Effect.ANSWERS_AT_TIMES, argument=(0, "a")),
        Row("discord.ext.tasks.loop", Effect.REGISTERS, Kind.SCHEDULER),
        # Frame after frame, block after block of sound
        Row("matplotlib.animation.FuncAnimation", Effect.ANSWERS_WITH_ARGUMENT, argument=(1, "func")),
        *(
            Row(f"{clock}.{name}", Effect.ANSWERS_WITH_ARGUMENT)
            for clock in ("kivy.clock.Clock", "pyglet.clock")
            for name in ("schedule_interval", "schedule")
        ),
        *(
            Row(f"sounddevice.{name}", Effect.ANSWERS_WITH_ARGUMENT, argument=(None, "callback"))
            for name in ("InputStream", "RawInputStream", "Stream", "RawStream")
        ),
    ),
    methods=(
        # button.clicked.connect(self.detect); root.bind("<Return>", find); frame.Bind(wx.EVT_BUTTON, find)
        *methods(
            (None,),
            Effect.ANSWERS_AT_TIMES,
            """connect bind bind_all Bind on_click on_change mpl_connect tag_bind add_command signal_connect
            on_submit on_button_clicked""",
        ),
        # timer.timeout.connect(self.next_frame)
        MethodRow(None, "timeout.connect", Effect.ANSWERS_WITH_ARGUMENT),
        # recognizer.listen_in_background(source, answer); audio.open(stream_callback=answer)
        MethodRow(None, "listen_in_background", Effect.ANSWERS_WITH_ARGUMENT, (1, "callback")),
        MethodRow(None, "register_function", Effect.ANSWERS_WITH_ARGUMENT, (0, "function")),
    ),
    classes=tuple((f"{package}.QtCore.QThread", "thread") for package in _QT),
)
