// Starts `leakscan server` and shows what it says: all else is vscode-languageclient's.
"use strict";

const { window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const [command, ...args] = workspace.getConfiguration("leakscan").get("command");
  client = new LanguageClient(
    "leakscan",
    "leakscan",
    { command, args },
    {
      documentSelector: [
        { scheme: "file", language: "python" },
        { scheme: "untitled", language: "python" },
        { scheme: "vscode-notebook-cell", language: "python" },
      ],
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    window.showErrorMessage(
      `leakscan: ${command} could not be started; pip install "leakscan-keras[server]", and set ` +
        `leakscan.command to where it is. ${error.message ?? error}`,
    );
  }
};

exports.deactivate = () => client?.stop();
