// The HTTP side of the host's ports: the login and bootstrap servers under /.well-known.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/enrollment/login_server.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::node {

class web_site {
 public:
  // `login` may be null: not the login server. References outlive it.
  web_site(core::environment& env, enrollment::login_server* login, enrollment::bootstrap_server& bootstrap, core::metrics& m);

  void serve(std::unique_ptr<transport::stream> s);
  core::awaitable<void> stop();  // before destruction
  core::awaitable<transport::http_response> answer(transport::http_request r);

 private:
  core::environment& env_;
  enrollment::login_server* login_;
  enrollment::bootstrap_server& bootstrap_;
  core::metrics& metrics_;
  transport::http_handler handler_;
  core::task_scope connections_;
};

}  // namespace phyllo::node
