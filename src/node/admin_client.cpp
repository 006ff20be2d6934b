#include "admin_client.hpp"

#include <fmt/format.h>

#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/host.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::node {
namespace {

core::error translated(const core::error& e, const transport::endpoint& admin) {
  if (e == transport::errc::timed_out) return core::error(errc::timed_out, fmt::format("the node at {} does not answer", admin.text()));
  if (e == transport::errc::refused || e == transport::errc::closed) {
    return core::error(errc::no_running_node, fmt::format("nothing answers at {}; start it with: supernode run", admin.text()));
  }
  return core::error(errc::malformed, e.message());
}

transport::http_request request_of(std::string target, const nlohmann::json& body) {
  transport::http_request r;
  r.target = std::move(target);
  if (body.is_null()) return r;
  r.method = "POST";
  r.headers["content-type"] = "application/json";
  r.body = body.dump();
  return r;
}

}  // namespace

transport::endpoint admin_endpoint(const configuration& c) {
  auto address = asio::ip::make_address(c.admin.address);
  if (address.is_unspecified() && address.is_v4()) address = asio::ip::address_v4::loopback();
  if (address.is_unspecified() && address.is_v6()) address = asio::ip::address_v6::loopback();
  return {address, c.admin.port};
}

core::awaitable<core::result<admin_answer>> ask_admin(core::environment& env, transport::endpoint admin, std::string target,
                                                      nlohmann::json body, core::time_point deadline) {
  const asio::ip::address any;
  auto stream = co_await transport::open_tcp_stream(env, any, admin, deadline);
  if (!stream) co_return core::fail(translated(stream.error(), admin));
  auto request = request_of(std::move(target), body);
  auto answer = co_await transport::request_http(**stream, admin.text(), std::move(request), deadline);
  if (!answer) co_return core::fail(translated(answer.error(), admin));
  admin_answer out;
  out.status = answer->status;
  out.body = nlohmann::json::parse(answer->body, nullptr, false);
  if (out.body.is_discarded()) co_return core::fail(errc::malformed, fmt::format("{} answered with no JSON", admin.text()));
  co_return out;
}

}  // namespace phyllo::node
