#include <array>

#include "http/http_reader.hpp"
#include "http/http_writer.hpp"
#include "phyllo/core/turn.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/http_date.hpp"
#include "port/read_ahead_stream.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration drain_time = std::chrono::milliseconds(500);
constexpr std::size_t drain_bytes_max = 256 * 1024;

// How reading one request ended.
enum class reading { complete, idle, closed, late, refused };

struct connection {
  core::environment& env;
  stream& s;
  const http_limits& limits;
  core::bytes buffer;  // read, not yet parsed
  const http_upgrader* upgrader = nullptr;
  std::function<void(std::unique_ptr<stream>)> onward = nullptr;  // of a protocol that was changed to
};

core::time_point limit_of(const connection& c, const http_reader& r, core::time_point started, bool begun) {
  if (!begun) return started + c.limits.idle_timeout;
  return started + (r.headers_complete() ? c.limits.header_timeout + c.limits.body_timeout : c.limits.header_timeout);
}

// RFC 9110 s.10.1.1: a client may wait for this word before it sends a body.
core::awaitable<void> encourage(connection& c, const http_reader& r, bool& told) {
  const bool wanted = !told && r.headers_complete() && !r.complete() && r.header("expect") == "100-continue";
  if (!wanted) co_return;
  told = true;
  const auto ignored = co_await c.s.write(core::as_bytes("HTTP/1.1 100 Continue\r\n\r\n"), c.env.now() + c.limits.body_timeout);
  static_cast<void>(ignored);
}

core::awaitable<reading> read_request(connection& c, http_reader& r) {
  auto started = c.env.now();
  bool begun = !c.buffer.empty();
  bool told = false;
  std::size_t held = c.buffer.size();
  while (true) {  // ends with a request, a refusal, the peer's end, or at a deadline
    const auto n = r.feed(c.buffer);
    c.buffer.erase(c.buffer.begin(), c.buffer.begin() + static_cast<std::ptrdiff_t>(n));
    if (r.complete()) co_return reading::complete;
    if (r.refused() != http_reader::refusal::none) co_return reading::refused;
    co_await encourage(c, r, told);
    std::array<std::uint8_t, 8192> chunk;  // filled by read
    const auto got = co_await c.s.read(chunk, limit_of(c, r, started, begun));
    if (!got && got.error() == errc::timed_out) co_return begun ? reading::late : reading::idle;
    if (!got) co_return reading::closed;
    if (!begun) started = c.env.now();
    begun = true;
    core::append(c.buffer, core::byte_view(chunk).first(*got));
    c.s.hold(held += *got);
  }
}

// RFC 9110 s.6.6.1: "An origin server with a clock ... MUST generate a Date header field in all 2xx, 3xx, and 4xx responses." By it nodes
// compare their clocks.
void add_date(const connection& c, http_response& r) {
  if (r.status >= 200) r.headers.try_emplace("date", print_http_date(c.env.wall_now()));
}

// What the peer still sends is read and dropped for a while: closing at once would reset the connection under the
// answer that tells it why.
core::awaitable<void> refuse(connection& c, int status) {
  http_response answer;
  answer.status = status;
  answer.headers["content-type"] = "text/plain";
  add_date(c, answer);
  const auto text = print_response(answer, false, false);
  const auto written = co_await c.s.write(core::as_bytes(text), c.env.now() + c.limits.header_timeout);
  const auto until = c.env.now() + drain_time;
  std::size_t drained = 0;
  bool more = written.has_value();
  while (more && drained < drain_bytes_max) {  // ends with the peer's end, the bound or the time
    std::array<std::uint8_t, 8192> chunk;      // filled by read
    const auto n = co_await c.s.read(chunk, until);
    more = n.has_value();
    drained += n.value_or(0);
  }
}

int status_of(http_reader::refusal why) {
  if (why == http_reader::refusal::header_too_large) return 431;
  return why == http_reader::refusal::body_too_large ? 413 : 400;
}

core::awaitable<void> change(connection& c, http_upgrade upgrade) {
  add_date(c, upgrade.answer);
  const auto text = print_response(upgrade.answer, false, false);
  const auto written = co_await c.s.write(core::as_bytes(text), c.env.now() + c.limits.header_timeout);
  if (written && upgrade.answer.status == 101) c.onward = std::move(upgrade.onward);
}

// True: another request may follow.
core::awaitable<bool> answer(connection& c, http_reader& r, const http_handler& handler) {
  const bool keep_alive = r.keep_alive();
  auto request = r.take_request();
  request.remote = c.s.remote();
  request.local = c.s.local();
  request.secure = c.s.secure();
  if (c.upgrader != nullptr && r.upgrade()) {
    auto upgrade = (*c.upgrader)(request);
    if (upgrade) {
      co_await change(c, std::move(*upgrade));
      co_return false;
    }
  }
  const bool to_head = request.method == "HEAD";
  auto response = co_await handler(std::move(request));
  add_date(c, response);
  const auto text = print_response(response, keep_alive, to_head);
  const auto written = co_await c.s.write(core::as_bytes(text), c.env.now() + c.limits.body_timeout);
  co_return written.has_value() && keep_alive;
}

core::awaitable<bool> serve_one(connection& c, const http_handler& handler) {
  http_reader r(HTTP_REQUEST, c.limits.header_bytes_max, c.limits.body_bytes_max);
  const auto how = co_await read_request(c, r);
  c.s.hold(0);
  if (how == reading::complete) co_return co_await answer(c, r, handler);
  if (how == reading::late) co_await refuse(c, 408);
  if (how == reading::refused) co_await refuse(c, status_of(r.refused()));
  co_return false;
}

}  // namespace

core::awaitable<void> serve_http(core::environment& env, std::unique_ptr<stream> s, const http_handler& handler, http_limits limits,
                                 const http_upgrader* upgrader) {
  connection c{env, *s, limits, {}, upgrader};
  bool more = true;
  core::turn turn;
  while (more) {  // ends when the connection may not go on
    more = co_await serve_one(c, handler);
    if (turn.over_after(0)) co_await s->rest();
  }
  if (c.onward) co_return c.onward(std::make_unique<read_ahead_stream>(std::move(s), std::move(c.buffer)));
  s->close();
}

}  // namespace phyllo::transport
