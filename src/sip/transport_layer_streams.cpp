// The streams of transport_layer: one reader and one writer each.
#include <array>

#include "phyllo/core/turn.hpp"
#include "phyllo/transport/errc.hpp"
#include "transport_layer_impl.hpp"

namespace phyllo::sip {
namespace {

constexpr std::string_view ping = "\r\n\r\n";  // RFC 5626 s.4.4.1
constexpr std::string_view pong = "\r\n";
constexpr core::duration drain_time = std::chrono::milliseconds(500);
constexpr std::size_t drain_bytes_max = 256 * 1024;

}  // namespace

void transport_layer_impl::on_stream(std::unique_ptr<transport::stream> s) {
  if (stopped_) return;
  const auto* peer = s->peer();
  auto c = peer != nullptr ? add_node(peer->node(), s->remote()) : add(s->secure() ? protocol::tls : protocol::tcp, s->remote(), {});
  if (!c) return metrics_.drop("sip_streams_full");
  if (peer != nullptr) (*c)->peer = std::make_shared<const identity::certificate>(*peer);
  if (peer != nullptr) s->keep(true);
  (*c)->stream = std::move(s);
  scope_.spawn(run(*c));
}

void transport_layer_impl::on_websocket(std::unique_ptr<transport::websocket> w) {
  if (stopped_) return;
  auto c = add(w->secure() ? protocol::wss : protocol::ws, w->remote(), {});
  if (!c) return metrics_.drop("sip_streams_full");
  (*c)->websocket = std::move(w);
  scope_.spawn(run(*c));
}

core::awaitable<core::status> transport_layer_impl::open(connection_ptr c) {
  const auto& [by, remote, server_name] = c->key;
  const auto deadline = env_.now() + options_.open_timeout;
  core::result<std::unique_ptr<transport::stream>> opened = core::fail(errc::unreachable);
  if (by == protocol::tls) {
    auto tls = options_.tls;
    tls.server_name = server_name;
    tls.verify = tls.verify && !server_name.empty();
    if (tls.alpn.empty()) tls.alpn.emplace_back("sip/2");
    if (c->node) {
      tls.alpn.assign(1, "phyllo-sip");
      tls.expected = c->node;
      tls.verify = true;
    }
    opened = co_await host_.open_tls(remote, std::move(tls), deadline);
  } else {
    opened = co_await host_.open_tcp(remote, deadline);
  }
  if (!opened) co_return core::fail(errc::unreachable, opened.error().message());
  c->stream = std::move(*opened);
  c->active_at = env_.now();
  const auto* peer = c->stream->peer();
  if (c->node && (peer == nullptr || peer->node() != *c->node)) co_return core::fail(errc::unreachable, "another node answers");
  if (peer != nullptr) c->peer = std::make_shared<const identity::certificate>(*peer);
  co_return core::status();
}

core::awaitable<void> transport_layer_impl::run(connection_ptr c) {
  core::status ended;
  if (!c->stream && !c->websocket) ended = co_await open(c);
  if (ended) {
    if (c->websocket) scope_.spawn(read_messages(c));
    if (c->stream) scope_.spawn(read_all(c));
    ended = co_await write_all(c);
  }
  close(*c);
  remove(c, ended ? core::error(errc::unreachable, "the connection has closed") : ended.error());
}

core::awaitable<core::status> transport_layer_impl::write_all(connection_ptr c) {
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
    c->queued_bytes -= written_bytes;
    c->queue.pop_front();
    tell_held(*c);
    if (c->answered) c->answered->cancel();
    if (turn.over_after(written_bytes)) co_await core::next_turn();
  }
  co_return core::status();
}

core::awaitable<core::status> transport_layer_impl::write(connection& c, core::byte_view data, core::time_point deadline) {
  if (c.websocket) co_return co_await c.websocket->send(data, deadline);
  co_return co_await c.stream->write(data, deadline);
}

// RFC 7118 s.5: a WebSocket message is one SIP message, whole, or a keep-alive.
core::awaitable<void> transport_layer_impl::read_messages(connection_ptr c) {
  while (!c->closed) {  // ends when the WebSocket closes or idles
    const auto text = co_await c->websocket->receive(read_deadline(*c));
    if (c->closed) break;
    if (!text) {
      if (text.error() == transport::errc::timed_out && env_.now() < read_deadline(*c)) continue;
      break;
    }
    c->active_at = env_.now();
    if (!take_message(*c, *text)) break;
    const auto wait = pace(source_of(*c));
    if (wait > core::duration::zero()) co_await core::sleep_for(env_, wait);
  }
  close(*c);
}

bool transport_layer_impl::take_message(connection& c, const std::string& text) {
  if (text.find_first_not_of("\r\n") != std::string::npos) {
    take_one(c, core::as_bytes(text), framing::datagram);
    return true;
  }
  return text.size() < ping.size() || enqueue(c, core::as_bytes(pong), 0).has_value();
}

core::awaitable<void> transport_layer_impl::read_all(connection_ptr c) {
  constexpr std::size_t chunk = 2048;  // idle streams are many
  std::array<std::uint8_t, chunk> buffer{};
  bool understood = true;
  bool idle = false;
  while (!c->closed && understood) {  // ends when the stream closes, breaks or idles
    const auto deadline = read_deadline(*c);
    const auto n = co_await c->stream->read(buffer, deadline);
    if (c->closed) break;
    if (!n) {
      // The writer may have been active meanwhile, which moves the deadline.
      if (n.error() == transport::errc::timed_out && env_.now() < read_deadline(*c)) continue;
      idle = n.error() == transport::errc::timed_out;
      break;
    }
    c->active_at = env_.now();
    c->framing.feed(core::byte_view(buffer.data(), *n));
    auto step = take_frames(*c);
    tell_held(*c);
    while (step.wait > core::duration::zero()) {  // each turn takes a message
      co_await core::sleep_for(env_, step.wait);
      step = take_frames(*c);
      tell_held(*c);
    }
    understood = step.understood;
  }
  if (!c->closed && !idle) co_await let_answers_out(c);
  close(*c);
}

// The peer has ended its side, or what it says can not be read any more: what it has asked before is answered still. For all else the
// connection is gone.
core::awaitable<void> transport_layer_impl::let_answers_out(connection_ptr c) {
  constexpr core::duration patience = std::chrono::seconds(32);  // 64 T1: then a client transaction has given up
  if (c->unanswered == 0 && c->queue.empty()) co_return;
  c->ending = true;
  if (user_ != nullptr) user_->on_flow_closed(c->id);
  c->answered = env_.make_timer();
  const auto end = env_.now() + patience;
  while (!c->closed && (c->unanswered > 0 || !c->queue.empty()) && env_.now() < end) {  // ends with the last answer, or at the end
    c->answered->set(end);
    co_await c->answered->wait();
  }
  // What the peer still sends is read and dropped: closing at once would reset the connection under the answers.
  std::array<std::uint8_t, 2048> buffer;  // NOLINT: filled by read
  const auto until = env_.now() + drain_time;
  std::size_t dropped = 0;
  bool more = c->stream != nullptr;
  while (more && !c->closed && dropped < drain_bytes_max) {  // ends with the peer's end, at the bound or the time
    const auto n = co_await c->stream->read(buffer, until);
    more = n.has_value();
    dropped += n.value_or(0);
  }
}

void transport_layer_impl::take_one(connection& c, core::byte_view data, framing f) {
  const auto what = deliver(data, f, source_of(c));
  if (what == delivered::nothing) return;
  if (what == delivered::request) ++c.unanswered;
  if (c.websocket) c.websocket->use();
  if (c.stream) c.stream->use();
}

core::time_point transport_layer_impl::read_deadline(const connection& c) const {
  const auto idle = c.active_at + options_.idle_timeout;
  if (c.message_begun == core::time_point::max()) return idle;
  return std::min(idle, c.message_begun + options_.message_timeout);
}

// Many pings that wait for the writer are answered in one piece: each costs two bytes then, and no write of its own.
void transport_layer_impl::answer_ping(connection& c) {
  constexpr std::size_t piece_max = 2048;
  if (c.queue.size() > 1 && c.queue.back().token == 0 && c.queue.back().bytes.starts_with(pong) &&
      c.queue.back().bytes.size() < piece_max) {
    c.queue.back().bytes += pong;
    c.queued_bytes += pong.size();
    return;
  }
  static_cast<void>(enqueue(c, core::as_bytes(pong), 0));
}

transport_layer_impl::taken transport_layer_impl::take_frames(connection& c) {
  const auto from = source_of(c);
  taken t;
  while (!c.closed && t.wait == core::duration::zero()) {  // ends when nothing is complete
    const auto frame = c.framing.next();
    switch (frame.what) {
      case stream_framing::event::message: take_one(c, core::as_bytes(frame.text), framing::stream); break;
      case stream_framing::event::ping: answer_ping(c); break;
      case stream_framing::event::pong: break;
      case stream_framing::event::too_large:
      case stream_framing::event::broken:
        refuse_frame(frame, from);
        t.understood = false;
        return t;
      case stream_framing::event::need_more:
        if (!c.framing.within_message())
          c.message_begun = core::time_point::max();
        else if (c.message_begun == core::time_point::max())
          c.message_begun = env_.now();
        return t;
    }
    c.message_begun = core::time_point::max();
    t.wait = pace(from);
  }
  return t;
}

void transport_layer_impl::refuse_frame(const stream_framing::frame& f, const source& from) {
  const bool too_large = f.what == stream_framing::event::too_large;
  metrics_.drop(too_large ? "sip_too_large" : "sip_stream_broken");
  if (too_large) return refuse(core::as_bytes(f.text), from);
  log_.debug("from {}: {}", from.remote.text(), f.text);
}

// What a stream brings counts as datagrams do, and waits where they are dropped.
core::duration transport_layer_impl::pace(const source& from) {
  const auto wait = pace_ ? pace_(from) : core::duration::zero();
  if (wait > core::duration::zero()) paced_.add();
  return wait;
}

source transport_layer_impl::source_of(const connection& c) const {
  source s;
  s.by = std::get<protocol>(c.key);
  s.remote = c.websocket ? c.websocket->remote() : c.stream->remote();
  s.local = c.websocket ? c.websocket->local() : c.stream->local();
  s.flow = c.id;
  s.peer = c.peer;
  return s;
}

void transport_layer_impl::close(connection& c) {
  if (c.closed) return;
  c.closed = true;
  if (c.stream) c.stream->close();
  if (c.websocket) c.websocket->close();
  c.signal->cancel();
  if (c.answered) c.answered->cancel();
}

void transport_layer_impl::close_flow(flow_id flow) {
  const auto at = connections_.find(flow);
  if (at != connections_.end()) close(*at->second);
}

// For the host, which bounds what all streams together make us hold.
void transport_layer_impl::tell_held(connection& c) {
  if (c.stream) c.stream->hold(c.framing.buffered() + c.queued_bytes);
  if (c.websocket) c.websocket->hold(c.queued_bytes);
}

void transport_layer_impl::keep_flow(flow_id flow, bool kept) {
  const auto at = connections_.find(flow);
  if (at == connections_.end()) return;
  if (at->second->stream) at->second->stream->keep(kept);
  if (at->second->websocket) at->second->websocket->keep(kept);
}

void transport_layer_impl::remove(const connection_ptr& c, const core::error& why) {
  connections_.erase(c->id);
  if (c->node) nodes_.remove(*c->node, c->id);
  // A newer connection to the same end may have taken the place.
  const auto at = reusable_.find(c->key);
  if (at != reusable_.end() && at->second == c->id) reusable_.erase(at);
  const auto unsent = std::move(c->queue);
  for (const auto& item : unsent)
    if (item.token != 0 && user_ != nullptr) user_->on_send_failed(item.token, why);
  if (user_ != nullptr && !c->ending) user_->on_flow_closed(c->id);
}

}  // namespace phyllo::sip
