#include "open_stream.hpp"

#include <algorithm>

#include "phyllo/transport/errc.hpp"
#include "socket_stream.hpp"

namespace phyllo::transport {
namespace {

core::result<std::unique_ptr<tls_engine>> make_client(const tls_context& context, const endpoint& to, const tls_client_options& o) {
  const auto overlay = std::ranges::find_if(o.alpn, [](const auto& name) { return name == alpn_reload || name == alpn_sip_overlay; });
  if (overlay == o.alpn.end()) return tls_engine::make_web_client(context, o, to.address.to_string());
  if (context.trust() == nullptr || !context.credential())
    return core::fail(errc::handshake_failed, "this node has no overlay certificate");
  tls_engine::overlay_client options;
  options.alpn = *overlay;
  return std::make_unique<tls_engine>(context, std::move(options));
}

}  // namespace

core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_with(const tls_context& context, asio::ip::address bind, endpoint to,
                                                                     tls_client_options o, core::time_point deadline) {
  auto engine = make_client(context, to, o);
  if (!engine) co_return core::fail(engine.error());
  auto s = co_await open_plain(context.env().get_executor(), bind, to, deadline);
  if (!s) co_return core::fail(s.error());
  const auto shaken = co_await (*s)->secure_with(std::move(*engine), deadline);
  if (!shaken) co_return core::fail(shaken.error().at(to.text()));
  co_return std::move(*s);
}

core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_stream(core::environment& env, asio::ip::address bind, endpoint to,
                                                                       tls_client_options o, core::time_point deadline) {
  const tls_context context(env, nullptr);
  co_return co_await open_tls_with(context, bind, to, std::move(o), deadline);
}

core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp_stream(core::environment& env, asio::ip::address bind, endpoint to,
                                                                       core::time_point deadline) {
  auto s = co_await open_plain(env.get_executor(), bind, to, deadline);
  if (!s) co_return core::fail(s.error());
  co_return std::move(*s);
}

}  // namespace phyllo::transport
