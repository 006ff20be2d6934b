// The HTTP side of the host's ports: the login and bootstrap servers under /.well-known, WebSockets on any path, and /healthz
// where it is to be seen.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "admin/admin.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/transport/doors.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/websocket.hpp"

namespace phyllo::node {

class web_site final : public transport::stream_service {
 public:
  static constexpr std::size_t connections_max = 1000;

  // `login` may be null: not the login server. References outlive it.
  web_site(core::environment& env, enrollment::login_server* login, enrollment::bootstrap_server& bootstrap, core::metrics& m);
  // One whose pages come from elsewhere.
  web_site(core::environment& env, transport::http_handler answers, core::metrics& m);

  using websocket_taker = std::function<void(std::unique_ptr<transport::websocket>)>;
  void take_websockets(transport::websocket_options o, websocket_taker taker);
  void show_health(std::function<health()> of);

  void on_stream(std::unique_ptr<transport::stream> s) override;
  core::awaitable<void> stop();  // before destruction
  core::awaitable<transport::http_response> answer(transport::http_request r);

 private:
  using open_streams = std::map<std::uint64_t, transport::stream*>;  // the oldest first
  class place {
   public:
    place(open_streams& of, std::uint64_t number) : of_(of), number_(number) {}
    ~place() { of_.erase(number_); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

   private:
    open_streams& of_;
    std::uint64_t number_;
  };
  core::awaitable<void> serve_one(std::uint64_t number, std::unique_ptr<transport::stream> s);
  [[nodiscard]] std::optional<transport::http_upgrade> upgrade(const transport::http_request& r);

  core::environment& env_;
  enrollment::login_server* login_;
  enrollment::bootstrap_server* bootstrap_;
  core::metrics& metrics_;
  transport::http_handler handler_;
  transport::http_upgrader upgrader_;
  transport::websocket_options websockets_;
  websocket_taker taker_;
  std::function<health()> health_;
  std::uint64_t last_ = 0;
  open_streams open_;
  core::task_scope connections_;
};

}  // namespace phyllo::node
