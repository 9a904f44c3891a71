// Starts `leakscan server` and shows what it says: all else is vscode-languageclient's.
"use strict";

const { workspace } = require("vscode");
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
        { scheme: "vscode-notebook-cell", language: "python" },
      ],
    },
  );
  await client.start();
};

exports.deactivate = () => client?.stop();
