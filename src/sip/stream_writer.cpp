#include "stream_writer.hpp"

#include <cassert>
#include <utility>

#include "phyllo/core/turn.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view response_start = "SIP/2.0 ";

bool is_final_response(core::byte_view bytes) {
  return is_response(bytes) && bytes.size() > response_start.size() && bytes[response_start.size()] >= '2';
}

}  // namespace

bool is_response(core::byte_view bytes) { return core::as_text(bytes).starts_with(response_start); }

core::status stream_writer::enqueue(stream_connection& c, core::byte_view bytes, std::uint64_t token) const {
  if (c.closed) return core::fail(errc::unreachable, "the connection has closed");
  if (c.queued_bytes + bytes.size() > options_.write_queue_bytes_max) {
    metrics_.drop("sip_write_queue_full");
    return core::fail(errc::overloaded, "the connection's write queue is full");
  }
  if (is_final_response(bytes) && c.unanswered > 0) --c.unanswered;
  std::string text(core::as_text(bytes));
  if (c.node && is_response(bytes)) door_.leaving(text, *c.node);
  c.queued_bytes += text.size();
  c.queue.push_back({std::move(text), token});
  c.signal->cancel();
  c.tell_held();
  return {};
}

void stream_writer::answer_ping(stream_connection& c) const {
  constexpr std::size_t piece_max = 2048;
  if (c.queue.size() > 1 && c.queue.back().token == 0 && c.queue.back().bytes.starts_with(pong) &&
      c.queue.back().bytes.size() < piece_max) {
    c.queue.back().bytes += pong;
    c.queued_bytes += pong.size();
    return;
  }
  static_cast<void>(enqueue(c, core::as_bytes(pong), 0));
}

core::awaitable<core::status> stream_writer::write_all(std::shared_ptr<stream_connection> c) const {
  core::turn turn;
  while (!c->closed) {  // ends when the reader or a failing write closes the connection
    if (c->queue.empty()) {
      turn.begin();
      c->signal->set(core::time_point::max());
      co_await c->signal->wait();
      continue;
    }
    const auto data = core::as_bytes(c->queue.front().bytes);
    const auto deadline = env_.now() + options_.write_timeout;
    const auto written = co_await write(*c, data, deadline);
    if (!written) co_return core::fail(errc::unreachable, written.error().message());
    c->active_at = env_.now();
    const auto written_bytes = c->queue.front().bytes.size();
    assert(c->queued_bytes >= written_bytes);
    c->queued_bytes -= written_bytes;
    c->queue.pop_front();
    c->tell_held();
    if (c->answered) c->answered->cancel();
    if (turn.over_after(written_bytes)) co_await core::next_turn();
  }
  co_return core::status();
}

core::awaitable<core::status> stream_writer::write(stream_connection& c, core::byte_view data, core::time_point deadline) {
  if (c.websocket) co_return co_await c.websocket->send(data, deadline);
  co_return co_await c.stream->write(data, deadline);
}

}  // namespace phyllo::sip
