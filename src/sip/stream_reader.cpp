#include "stream_reader.hpp"

#include <array>
#include <utility>

#include "phyllo/transport/errc.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view ping = "\r\n\r\n";  // RFC 5626 s.4.4.1
constexpr core::duration drain_time = std::chrono::milliseconds(500);
constexpr std::size_t drain_bytes_max = 256 * 1024;

}  // namespace

stream_reader::stream_reader(parts p, core::logger log)
    : parts_(p),
      log_(std::move(log)),
      paced_(p.metrics.get_counter("phyllo_sip_paced_total", "Messages of streams after which the stream waited for its source's limit.")) {
}

// RFC 7118 s.5: a WebSocket message is one SIP message, whole, or a keep-alive.
core::awaitable<void> stream_reader::read_messages(std::shared_ptr<stream_connection> c) {
  while (!c->closed) {  // ends when the WebSocket closes or idles
    const auto text = co_await c->websocket->receive(c->read_deadline(parts_.options));
    if (c->closed) break;
    if (!text) {
      if (text.error() == transport::errc::timed_out && parts_.env.now() < c->read_deadline(parts_.options)) continue;
      break;
    }
    c->active_at = parts_.env.now();
    if (!take_message(*c, *text)) break;
    const auto wait = pace(c->where());
    if (wait > core::duration::zero()) co_await core::sleep_for(parts_.env, wait);
  }
  c->close();
}

bool stream_reader::take_message(stream_connection& c, const std::string& text) {
  if (text.find_first_not_of("\r\n") != std::string::npos) {
    take_one(c, core::as_bytes(text), framing::datagram);
    return true;
  }
  return text.size() < ping.size() || parts_.writer.enqueue(c, core::as_bytes(pong), 0).has_value();
}

core::awaitable<void> stream_reader::read_all(std::shared_ptr<stream_connection> c) {
  constexpr std::size_t chunk = 2048;  // idle streams are many
  std::array<std::uint8_t, chunk> buffer{};
  bool understood = true;
  bool idle = false;
  while (!c->closed && understood) {  // ends when the stream closes, breaks or idles
    const auto deadline = c->read_deadline(parts_.options);
    const auto n = co_await c->stream->read(buffer, deadline);
    if (c->closed) break;
    if (!n) {
      // The writer may have been active meanwhile, which moves the deadline.
      if (n.error() == transport::errc::timed_out && parts_.env.now() < c->read_deadline(parts_.options)) continue;
      idle = n.error() == transport::errc::timed_out;
      break;
    }
    c->active_at = parts_.env.now();
    c->framing.feed(core::byte_view(buffer.data(), *n));
    auto step = take_frames(*c);
    c->tell_held();
    while (step.wait > core::duration::zero()) {  // each turn takes a message
      co_await core::sleep_for(parts_.env, step.wait);
      step = take_frames(*c);
      c->tell_held();
    }
    understood = step.understood;
  }
  if (!c->closed && !idle) co_await let_answers_out(c);
  c->close();
}

// The peer has ended its side, or what it says can not be read any more: what it has asked before is answered still. For all else the
// connection is gone.
core::awaitable<void> stream_reader::let_answers_out(std::shared_ptr<stream_connection> c) {
  constexpr core::duration patience = std::chrono::seconds(32);  // 64 T1: then a client transaction has given up
  if (c->unanswered == 0 && c->queue.empty()) co_return;
  c->ending = true;
  parts_.upward.flow_closed(c->id);
  c->answered = parts_.env.make_timer();
  const auto end = parts_.env.now() + patience;
  while (!c->closed && (c->unanswered > 0 || !c->queue.empty()) && parts_.env.now() < end) {  // ends with the last answer, or at the end
    c->answered->set(end);
    co_await c->answered->wait();
  }
  // What the peer still sends is read and dropped: closing at once would reset the connection under the answers.
  std::array<std::uint8_t, 2048> buffer;  // filled by read
  const auto until = parts_.env.now() + drain_time;
  std::size_t dropped = 0;
  bool more = c->stream != nullptr;
  while (more && !c->closed && dropped < drain_bytes_max) {  // ends with the peer's end, at the bound or the time
    const auto n = co_await c->stream->read(buffer, until);
    more = n.has_value();
    dropped += n.value_or(0);
  }
}

void stream_reader::take_one(stream_connection& c, core::byte_view data, framing f) {
  const auto done = parts_.door.deliver(data, f, c.where());
  if (!done.answer.empty()) static_cast<void>(parts_.writer.enqueue(c, core::as_bytes(done.answer), 0));
  if (done.what == message_door::delivered::nothing) return;
  if (done.what == message_door::delivered::request) ++c.unanswered;
  c.use();
}

stream_reader::taken stream_reader::take_frames(stream_connection& c) {
  const auto from = c.where();
  taken t;
  while (!c.closed && t.wait == core::duration::zero()) {  // ends when nothing is complete
    const auto frame = c.framing.next();
    switch (frame.what) {
      case stream_framing::event::message: take_one(c, core::as_bytes(frame.text), framing::stream); break;
      case stream_framing::event::ping: parts_.writer.answer_ping(c); break;
      case stream_framing::event::pong: break;
      case stream_framing::event::too_large:
      case stream_framing::event::broken:
        refuse_frame(c, frame, from);
        t.understood = false;
        return t;
      case stream_framing::event::need_more:
        if (!c.framing.within_message())
          c.message_begun = core::time_point::max();
        else if (c.message_begun == core::time_point::max())
          c.message_begun = parts_.env.now();
        return t;
    }
    c.message_begun = core::time_point::max();
    t.wait = pace(from);
  }
  return t;
}

void stream_reader::refuse_frame(stream_connection& c, const stream_framing::frame& f, const source& from) {
  const bool too_large = f.what == stream_framing::event::too_large;
  parts_.metrics.drop(too_large ? "sip_too_large" : "sip_stream_broken");
  if (!too_large) return log_.debug("from {}: {}", from.remote.text(), f.text);
  const auto answer = refusal_of_too_large(f.text, from);
  if (!answer.empty()) static_cast<void>(parts_.writer.enqueue(c, core::as_bytes(answer), 0));
}

// What a stream brings counts as datagrams do, and waits where they are dropped.
core::duration stream_reader::pace(const source& from) {
  const auto wait = pace_ ? pace_(from) : core::duration::zero();
  if (wait > core::duration::zero()) paced_.add();
  return wait;
}

}  // namespace phyllo::sip
