// A WebSocket's server side as a pure machine around wslay: bytes in, messages and bytes out.
#pragma once

#include <wslay/wslay.h>

#include <deque>
#include <memory>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::transport {

class websocket_engine {
 public:
  explicit websocket_engine(std::size_t message_bytes_max);
  websocket_engine(const websocket_engine&) = delete;  // wslay points back
  websocket_engine& operator=(const websocket_engine&) = delete;

  // What arrived. Messages go to take_message(), pongs and the word of closing to take_output(). errc::closed: nothing more is
  // read, the peer having closed or broken the protocol.
  core::status feed(core::byte_view data);
  [[nodiscard]] bool has_message() const noexcept { return !messages_.empty(); }
  [[nodiscard]] std::string take_message();
  // What the message costs that has begun and is not complete, with what keeps each of its frames.
  [[nodiscard]] std::size_t unfinished() const noexcept { return unfinished_; }

  void send(core::byte_view text);  // one text message
  void close();                     // the word of closing, once
  [[nodiscard]] core::bytes take_output();

 private:
  static const wslay_event_callbacks& callbacks();
  static websocket_engine& of(void* data) { return *static_cast<websocket_engine*>(data); }
  void pump();

  struct destroy {
    void operator()(wslay_event_context* c) const noexcept { wslay_event_context_free(c); }
  };
  std::unique_ptr<wslay_event_context, destroy> context_;
  core::byte_view input_;  // what feed() was given and wslay has not read
  core::bytes output_;
  std::deque<std::string> messages_;
  std::size_t unfinished_ = 0;
  bool half_code_ = false;  // it was closed with one byte
};

}  // namespace phyllo::transport
