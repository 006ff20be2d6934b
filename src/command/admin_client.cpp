#include "admin_client.hpp"

#include <fmt/format.h>

#include "phyllo/node/errc.hpp"
#include "phyllo/node/json_text.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/local_socket.hpp"

namespace phyllo::command {
namespace {

core::error translated(const core::error& e, const std::string& socket) {
  if (e == transport::errc::timed_out) return core::error(node::errc::timed_out, fmt::format("the node at {} does not answer", socket));
  if (e == transport::errc::not_permitted) {
    return core::error(node::errc::refused,
                       fmt::format("{}: not permitted: run this as the node's user, as root, or as one of admin.group", socket));
  }
  if (e == transport::errc::refused || e == transport::errc::closed) {
    return core::error(node::errc::no_running_node, fmt::format("nothing answers at {}; start it with: supernode run", socket));
  }
  return core::error(node::errc::malformed, e.message());
}

core::result<transport::http_request> request_of(std::string target, const nlohmann::json& body) {
  transport::http_request r;
  r.target = std::move(target);
  if (body.is_null()) return r;
  r.method = "POST";
  r.headers["content-type"] = "application/json";
  try {
    r.body = body.dump();
  } catch (const nlohmann::json::exception&) {
    return core::fail(node::errc::usage, "names and values are text in UTF-8; this is not: " + node::printed(body));
  }
  return r;
}

}  // namespace

core::awaitable<core::result<admin_answer>> ask_admin(core::environment& env, std::string socket, std::string target, nlohmann::json body,
                                                      core::time_point deadline) {
  auto request = request_of(std::move(target), body);
  if (!request) co_return core::fail(request.error());
  auto stream = co_await transport::open_local_stream(env, socket, deadline);
  if (!stream) co_return core::fail(translated(stream.error(), socket));
  auto answer = co_await transport::request_http(**stream, "localhost", std::move(*request), deadline);
  if (!answer) co_return core::fail(translated(answer.error(), socket));
  admin_answer out;
  out.status = answer->status;
  out.body = nlohmann::json::parse(answer->body, nullptr, false);
  if (!out.body.is_object()) co_return core::fail(node::errc::malformed, fmt::format("{} answered with no JSON object", socket));
  co_return out;
}

}  // namespace phyllo::command
