// The reading side of connections: cuts messages out of what they bring, takes the time that their sources have to wait, and lets answers
// out when the other end has said its last.
#pragma once

#include <functional>
#include <string>

#include "message_door.hpp"
#include "stream_connection.hpp"
#include "stream_writer.hpp"
#include "transport_upward.hpp"

namespace phyllo::sip {

class stream_reader {
 public:
  struct parts {
    core::environment& env;
    const transport_options& options;
    message_door& door;
    const stream_writer& writer;
    const transport_upward& upward;
    core::metrics& metrics;
  };
  // What `p` names must outlive it.
  stream_reader(parts p, core::logger log);
  void pace_with(std::function<core::duration(const source&)> pace) { pace_ = std::move(pace); }  // as transport_layer::pace_streams

  // Reads until the connection closes, breaks or idles; it is closed then.
  core::awaitable<void> read_all(std::shared_ptr<stream_connection> c);
  core::awaitable<void> read_messages(std::shared_ptr<stream_connection> c);  // of a WebSocket

 private:
  // Until no whole one is left, or the next one has to wait.
  struct taken {
    bool understood = true;  // false: the stream is broken
    core::duration wait{};
  };
  taken take_frames(stream_connection& c);
  bool take_message(stream_connection& c, const std::string& text);  // of a WebSocket; false: its queue is full
  void take_one(stream_connection& c, core::byte_view data, framing f);
  void refuse_frame(stream_connection& c, const stream_framing::frame& f, const source& from);
  [[nodiscard]] core::duration pace(const source& from);
  core::awaitable<void> let_answers_out(std::shared_ptr<stream_connection> c);

  parts parts_;
  core::logger log_;
  core::counter& paced_;
  std::function<core::duration(const source&)> pace_{};
};

}  // namespace phyllo::sip
