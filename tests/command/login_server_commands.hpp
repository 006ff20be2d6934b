// Commands with a login server's configuration, whose admin port nobody serves.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "process.hpp"

namespace phyllo::testing {

struct login_server_commands {
  temporary_directory directory;
  std::string config;

  login_server_commands() {
    config = directory.write("supernode.toml",
                             "[node]\naddress = \"127.60.0.9\"\nuser = \"node@example.com\"\ndata_directory = \"" + directory.file("data") +
                                 "\"\n[overlay]\nname = \"overlay.example.com\"\n[login]\nenabled = true\nscrypt_log2_n = 4\n" +
                                 "[admin]\naddress = \"127.60.0.9\"\nport = 16089\n");
  }

  finished run(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.end(), {"--config", config});
    return run_supernode(directory, std::move(arguments), input);
  }
};

}  // namespace phyllo::testing
