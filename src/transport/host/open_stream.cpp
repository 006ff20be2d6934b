#include "host/open_stream.hpp"

#include <algorithm>
#include <vector>

#include "link/ladder.hpp"
#include "link/rung_opener.hpp"
#include "phyllo/transport/errc.hpp"
#include "port/socket_stream.hpp"

namespace phyllo::transport {
namespace {

core::result<std::unique_ptr<tls_engine>> make_client(const tls_context& context, const endpoint& to, const tls_client_options& o) {
  const auto overlay = std::ranges::find_if(o.alpn, [](const auto& name) { return name == alpn_reload || name == alpn_sip_overlay; });
  if (overlay == o.alpn.end()) return tls_engine::make_web_client(context, o, to.address.to_string());
  if (context.trust() == nullptr || !context.overlay()) return core::fail(errc::handshake_failed, "this node has no overlay certificate");
  tls_engine::overlay_client options;
  options.alpn = *overlay;
  options.expected = o.expected;
  return std::make_unique<tls_engine>(context, std::move(options));
}

// Until a connection stands; then the next way is tried, if there is one. A SYN that was lost is sent again after a second.
constexpr core::duration connect_patience = std::chrono::seconds(2);

std::vector<rung> ways_to(const endpoint& to, const ladder_options& o) {
  std::vector<rung> out;
  if (o.proxy && !is_exempt(*o.proxy, to.address)) out.push_back(rung::proxy_tls);
  if (to.address.is_unspecified()) return out;
  out.push_back(rung::tls);
  if (o.http != 0) out.push_back(rung::upgrade);
  return out;
}

core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_by(const tls_context& context, rung_opener& opener, rung by, endpoint to,
                                                                   tls_client_options o, core::duration patience,
                                                                   core::time_point deadline) {
  auto engine = make_client(context, to, o);
  if (!engine) co_return core::fail(engine.error());
  auto authority = o.server_name.empty() ? to.text() : o.server_name + ":" + std::to_string(to.port);
  if (by == rung::upgrade) to.port = opener.options().http;
  const auto connected = std::min(deadline, context.env().now() + patience);
  auto s = co_await opener.open(by, to, std::move(authority), connected, {});
  if (!s) co_return core::fail(s.error());
  const auto shaken = co_await (*s)->secure_with(std::move(*engine), deadline);
  if (!shaken) co_return core::fail(shaken.error().at(to.text()));
  co_return std::move(*s);
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

core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_stream_by_ladder(core::environment& env, asio::ip::address bind,
                                                                                 endpoint to, tls_client_options o, ladder_options ladder,
                                                                                 core::time_point deadline) {
  const tls_context context(env, nullptr);
  const auto ways = ways_to(to, ladder);
  rung_opener opener(env, std::move(bind), std::move(ladder));
  core::result<std::unique_ptr<stream>> first = core::fail(errc::refused, "no way to " + to.text());
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const auto share = (deadline - env.now()) / static_cast<core::duration::rep>(ways.size() - i);
    const auto patience = i + 1 < ways.size() ? connect_patience : share;
    auto opened = co_await open_tls_by(context, opener, ways[i], to, o, patience, env.now() + share);
    if (opened) co_return opened;
    if (i == 0) first = std::move(opened);
  }
  co_return first;
}

core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp_stream(core::environment& env, asio::ip::address bind, endpoint to,
                                                                       core::time_point deadline) {
  auto s = co_await open_plain(env.get_executor(), bind, to, deadline);
  if (!s) co_return core::fail(s.error());
  co_return std::move(*s);
}

}  // namespace phyllo::transport
