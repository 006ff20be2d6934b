// Who may do what at the admin interface. By the Unix socket comes only who may write to its file: the node's owner, root, and the
// configured group; all is theirs. The TCP listener is reached by every user of this machine, and by every page in a browser on it, so it
// serves pages that change nothing, and takes commands with a token. A page that has made its own name resolve to this address (DNS
// rebinding) is known by the Host it asks for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "phyllo/transport/http.hpp"

namespace phyllo::node {

class admin_gate {
 public:
  struct refusal {
    int status = 403;
    std::string message;  // what was wrong, and what to do
  };

  [[nodiscard]] static admin_gate of_socket() { return {}; }
  // `token` empty: no command is taken. `hosts`: names by which it is asked for, beside its own address. `socket`: where commands go
  // instead.
  [[nodiscard]] static admin_gate of_network(std::string token, std::vector<std::string> hosts, std::string socket);

  // Nothing: it may be answered.
  [[nodiscard]] std::optional<refusal> refuse(const transport::http_request& r) const;

 private:
  [[nodiscard]] bool is_ours(const std::string& host, const transport::endpoint& local) const;
  [[nodiscard]] bool knows_token(const transport::http_request& r) const;

  bool network_ = false;
  std::string token_;
  std::vector<std::string> hosts_;
  std::string socket_;
};

}  // namespace phyllo::node
