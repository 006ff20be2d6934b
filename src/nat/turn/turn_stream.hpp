// A TURN client over TCP or TLS: what its stream says, cut into messages, and what waits to be written to it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/stun/framing.hpp"
#include "phyllo/transport/stream.hpp"
#include "turn/five_tuple.hpp"

namespace phyllo::nat {

class turn_stream {
 public:
  // A slow client's own bound: what comes for it beyond that is dropped, as a full socket buffer drops datagrams.
  static constexpr std::size_t waiting_max = 256 * 1024;

  turn_stream(core::environment& env, std::unique_ptr<transport::stream> s);

  [[nodiscard]] const five_tuple& tuple() const noexcept { return tuple_; }
  // False: too much waits already.
  [[nodiscard]] bool write(core::byte_view data);

  // Until the client hangs up, is silent for `idle` as it is asked each time, or breaks the protocol.
  core::awaitable<void> read(std::function<void(stun::framing::piece)> heard, std::function<core::duration()> idle);
  // Writes what waits, until close().
  core::awaitable<void> write_all();
  void close();

 private:
  core::awaitable<core::status> write_messages(core::byte_view all, const std::vector<std::size_t>& ends);

  core::environment& env_;
  std::unique_ptr<transport::stream> stream_;
  five_tuple tuple_;
  std::unique_ptr<core::timer> signal_;
  core::bytes waiting_;
  std::vector<std::size_t> ends_;  // of the messages in it
  bool closed_ = false;
};

}  // namespace phyllo::nat
