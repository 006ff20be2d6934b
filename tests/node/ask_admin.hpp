// One exchange with a node's admin interface by its Unix socket.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/local_socket.hpp"

namespace phyllo::testing {

struct admin_answer {
  int status = 0;
  nlohmann::json body;
};

// `body` null: GET, else POST.
inline core::awaitable<core::result<admin_answer>> ask_admin(core::environment& env, std::string socket, std::string target,
                                                             nlohmann::json body, core::time_point deadline) {
  auto stream = co_await transport::open_local_stream(env, socket, deadline);
  if (!stream) co_return core::fail(stream.error());
  transport::http_request r;
  r.target = std::move(target);
  if (!body.is_null()) {
    r.method = "POST";
    r.headers["content-type"] = "application/json";
    r.body = body.dump();
  }
  auto answer = co_await transport::request_http(**stream, "localhost", std::move(r), deadline);
  if (!answer) co_return core::fail(answer.error());
  admin_answer out;
  out.status = answer->status;
  out.body = nlohmann::json::parse(answer->body, nullptr, false);
  co_return out;
}

}  // namespace phyllo::testing
