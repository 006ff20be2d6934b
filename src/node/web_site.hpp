// The HTTP side of the host's ports: the login and bootstrap servers under /.well-known, WebSockets on any path, and /healthz
// where it is to be seen.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "admin.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/websocket.hpp"

namespace phyllo::node {

class web_site {
 public:
  // `login` may be null: not the login server. References outlive it.
  web_site(core::environment& env, enrollment::login_server* login, enrollment::bootstrap_server& bootstrap, core::metrics& m);

  using websocket_taker = std::function<void(std::unique_ptr<transport::websocket>)>;
  void take_websockets(transport::websocket_options o, websocket_taker taker);
  void show_health(std::function<health()> of);

  void serve(std::unique_ptr<transport::stream> s);
  core::awaitable<void> stop();  // before destruction
  core::awaitable<transport::http_response> answer(transport::http_request r);

 private:
  [[nodiscard]] std::optional<transport::http_upgrade> upgrade(const transport::http_request& r);

  core::environment& env_;
  enrollment::login_server* login_;
  enrollment::bootstrap_server& bootstrap_;
  core::metrics& metrics_;
  transport::http_handler handler_;
  transport::http_upgrader upgrader_;
  transport::websocket_options websockets_;
  websocket_taker taker_;
  std::function<health()> health_;
  core::task_scope connections_;
};

}  // namespace phyllo::node
