#include "link/rung_opener.hpp"

#include <array>

#include "http/http_tunnel.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/resolve.hpp"

namespace phyllo::transport {
namespace {

bool is_proxied(rung r) noexcept { return r == rung::proxy_https || r == rung::proxy_tls || r == rung::proxy_upgrade; }
bool is_upgrade(rung r) noexcept { return r == rung::upgrade || r == rung::proxy_upgrade; }

using answer_parser = core::result<std::optional<std::size_t>> (*)(core::byte_view);

// Sends a request's head and reads the answer's; what follows it is put back.
core::awaitable<core::status> exchange_heads(socket_stream& s, std::string request, answer_parser parse, core::time_point deadline) {
  auto written = co_await s.write(core::as_bytes(request), deadline);
  if (!written) co_return written;
  core::bytes seen;
  while (true) {                           // ends with an answer, or an error: the parser bounds what is read
    std::array<std::uint8_t, 2048> chunk;  // filled by read
    const auto n = co_await s.read(chunk, deadline);
    if (!n) co_return core::fail(n.error());
    core::append(seen, core::byte_view(chunk).first(*n));
    const auto head = parse(seen);
    if (!head) co_return core::fail(head.error());
    if (!*head) continue;
    s.unread(core::byte_view(seen).subspan(**head));
    co_return core::status();
  }
}

}  // namespace

core::awaitable<rung_opener::stream_result> rung_opener::open(rung by, endpoint at, std::string authority, core::time_point deadline,
                                                              std::function<void()> answered) {
  stream_result s = core::fail(errc::refused);
  if (is_proxied(by)) {
    if (authority.empty()) authority = at.text();
    s = co_await open_through_proxy(std::move(authority), deadline);
  } else {
    s = co_await open_plain(env_.get_executor(), bind_, at, deadline);
    if (s && answered) answered();
  }
  if (!s || !is_upgrade(by)) co_return s;
  auto request = print_upgrade_request(at);
  const auto upgraded = co_await exchange_heads(**s, std::move(request), read_upgrade_answer, deadline);
  if (!upgraded) co_return core::fail(upgraded.error().at(at.text()));
  co_return s;
}

core::awaitable<rung_opener::stream_result> rung_opener::open_through_proxy(std::string authority, core::time_point deadline) {
  const auto& proxy = *options_.proxy;
  if (!resolver_) resolver_ = std::make_unique<core::worker>("phyllo-proxy");
  const auto addresses = co_await resolve(env_, *resolver_, proxy.host, bind_);
  if (!addresses) co_return core::fail(addresses.error());
  stream_result s = core::fail(errc::refused, proxy.host);
  for (const auto& address : *addresses) {
    const endpoint there{address, proxy.port};
    s = co_await open_plain(env_.get_executor(), bind_, there, deadline);
    if (s) break;
  }
  if (!s) co_return s;
  auto request = print_connect_request(authority, proxy);
  const auto connected = co_await exchange_heads(**s, std::move(request), read_connect_answer, deadline);
  if (!connected) co_return core::fail(connected.error().at(proxy.host));
  co_return s;
}

}  // namespace phyllo::transport
