// The writing side of connections: a bounded queue each (stream_connection.hpp), and what empties it.
#pragma once

#include "message_door.hpp"
#include "stream_connection.hpp"

namespace phyllo::sip {

inline constexpr std::string_view pong = "\r\n";  // RFC 5626 s.4.4.1

class stream_writer {
 public:
  // References must outlive it.
  stream_writer(core::environment& env, const transport_options& o, const message_door& door, core::metrics& m)
      : env_(env), options_(o), door_(door), metrics_(m) {}

  // As transport_layer::send, to this connection.
  core::status enqueue(stream_connection& c, core::byte_view bytes, std::uint64_t token) const;
  // Many pings that wait for the writer are answered in one piece: each costs two bytes then, and no write of its own.
  void answer_ping(stream_connection& c) const;

  // Writes what is queued until the connection closes. errc::unreachable: a write has failed.
  core::awaitable<core::status> write_all(std::shared_ptr<stream_connection> c) const;

 private:
  static core::awaitable<core::status> write(stream_connection& c, core::byte_view data, core::time_point deadline);

  core::environment& env_;
  const transport_options& options_;
  const message_door& door_;
  core::metrics& metrics_;
};

[[nodiscard]] bool is_response(core::byte_view bytes);

}  // namespace phyllo::sip
