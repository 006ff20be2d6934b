#include "stream_connection.hpp"

#include <algorithm>

namespace phyllo::sip {

void stream_connection::close() {
  if (closed) return;
  closed = true;
  if (stream) stream->close();
  if (websocket) websocket->close();
  signal->cancel();
  if (answered) answered->cancel();
}

void stream_connection::keep(bool kept) {
  if (stream) stream->keep(kept);
  if (websocket) websocket->keep(kept);
}

void stream_connection::use() {
  if (websocket) websocket->use();
  if (stream) stream->use();
}

void stream_connection::tell_held() {
  if (stream) stream->hold(framing.buffered() + queued_bytes);
  if (websocket) websocket->hold(queued_bytes);
}

source stream_connection::where() const {
  source s;
  s.by = std::get<protocol>(key);
  s.remote = websocket ? websocket->remote() : stream->remote();
  s.local = websocket ? websocket->local() : stream->local();
  s.flow = id;
  s.peer = peer;
  return s;
}

core::time_point stream_connection::read_deadline(const transport_options& o) const {
  const auto idle = active_at + o.idle_timeout;
  if (message_begun == core::time_point::max()) return idle;
  return std::min(idle, message_begun + o.message_timeout);
}

}  // namespace phyllo::sip
