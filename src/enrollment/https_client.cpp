#include "https_client.hpp"

#include <algorithm>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/worker.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/http_date.hpp"
#include "phyllo/transport/resolve.hpp"

namespace phyllo::enrollment {
namespace {

// Each address of `left` gets its share of the time, but not less than this.
constexpr auto share_min = std::chrono::seconds(2);
constexpr std::uint16_t https_port = 443;

core::time_point share(core::time_point now, core::time_point deadline, std::size_t left) {
  const auto part = (deadline - now) / static_cast<core::duration::rep>(left);
  return std::min(deadline, now + std::max<core::duration>(part, share_min));
}

transport::tls_client_options tls_options(const client_options& o, const transport::url& u) {
  asio::error_code no_address;
  (void)asio::ip::make_address(u.host, no_address);
  transport::tls_client_options t;
  if (no_address) t.server_name = u.host;  // else the address is what is checked
  t.alpn = {"http/1.1"};
  t.anchors_pem = o.anchors_pem;
  return t;
}

// The Host header's value (RFC 9110 s.7.2): IPv6 in brackets, the port unless it is https' own.
std::string authority_of(const transport::url& u) {
  auto text = u.host.find(':') == std::string::npos ? u.host : "[" + u.host + "]";
  if (u.port != https_port) text += ":" + std::to_string(u.port);
  return text;
}

// Between the question and the answer, half a second later than the Date says, which is of whole seconds. What a cache has kept (Age) was
// dated at another time.
std::optional<core::told_time> time_of(const core::environment& env, const transport::http_response& r, std::string server,
                                       core::time_point asked) {
  const auto field = r.headers.find("date");
  if (field == r.headers.end() || r.headers.contains("age")) return std::nullopt;
  const auto date = transport::parse_http_date(field->second);
  if (!date) return std::nullopt;
  const auto said = asked + (env.now() - asked) / 2;
  const auto shown = std::chrono::duration_cast<core::duration>(date->time_since_epoch()) + std::chrono::milliseconds(500);
  return core::told_time{std::move(server), shown - said.time_since_epoch(), env.now()};
}

core::awaitable<core::result<transport::http_response>> request_at(core::environment& env, client_options o, transport::url u,
                                                                   asio::ip::address address, transport::http_request r,
                                                                   core::time_point deadline) {
  const transport::endpoint to{address, u.port};
  auto tls = tls_options(o, u);
  auto opened = co_await transport::open_tls_stream_by_ladder(env, o.bind, to, std::move(tls), o.ladder, deadline);
  if (!opened) {
    auto why = opened.error().message();
    if (!why.contains(to.text())) why = to.text() + ": " + why;
    if (opened.error() == transport::errc::certificate_rejected)
      why += "; bootstrap.anchors names the PEM files that certify this server, or it may be another's";
    co_return core::fail(errc::unreachable, std::move(why));
  }
  auto& s = **opened;
  const auto asked = env.now();
  auto answer = co_await transport::request_http(s, authority_of(u), std::move(r), deadline);
  if (!answer) co_return core::fail(errc::unreachable, to.text() + ": " + answer.error().message());
  const auto told = time_of(env, *answer, authority_of(u), asked);
  if (told && o.hear_time) o.hear_time(*told);
  co_return answer;
}

}  // namespace

core::awaitable<core::result<transport::http_response>> request_https(core::environment& env, client_options o, std::string url,
                                                                      transport::http_request r, core::time_point deadline) {
  const auto u = transport::url::parse(url);
  if (!u) co_return core::fail(u.error().at(url));
  if (u->scheme != "https") co_return core::fail(core::errc::malformed, url + ": expected https");
  core::worker resolver("phyllo-resolve");
  auto addresses = co_await transport::resolve(env, resolver, u->host, o.bind);
  if (!addresses && o.ladder.proxy) addresses = std::vector<asio::ip::address>(1);  // a proxy may know the name
  if (!addresses) co_return core::fail(errc::unreachable, addresses.error().message());
  if (r.target == "/") r.target = u->target;
  core::result<transport::http_response> last = core::fail(errc::unreachable, url);
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const auto until = share(env.now(), deadline, addresses->size() - i);
    last = co_await request_at(env, o, *u, (*addresses)[i], r, until);
    if (last || env.now() >= deadline) break;
  }
  co_return last;
}

}  // namespace phyllo::enrollment
