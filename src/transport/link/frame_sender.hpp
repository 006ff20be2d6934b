// The sending half of Simple Reliability (RFC 6940 s.6.6.3), pure: messages in, frames out, ACKs in, events out.
//
// Differences from s.6.6.3.1's stop-and-wait sender, which the RFC lets an implementation replace: a congestion window
// with slow start and multiplicative decrease; a frame passed by three later ones is sent again at once; the first
// retransmission waits 200 ms at least (on_overdue does not wait for it), so that a busy peer is not flooded.
// Over TLS nothing is retransmitted, and the RTO only tells the overlay (s.6.6.5).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "link/frame.hpp"
#include "link/rtt_estimator.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::transport {

class frame_sender {
 public:
  struct options {
    bool retransmit = true;  // DTLS
    std::size_t queue_bytes_max = 1024 * 1024;
    std::size_t window_max = 256;  // frames
  };
  enum class event_kind {
    acknowledged,  // every part of the message has arrived
    overdue,       // a part waits for its ACK longer than the RTO; once a message
  };
  struct event {
    event_kind kind;
    std::uint64_t token;
  };

  // "until a total of 5 requests have been sent"; while ACKs of other frames prove that the peer lives, more: there the
  // path loses, and it is not for a link's end to say so.
  static constexpr unsigned transmissions_max = 5;
  static constexpr unsigned transmissions_alive_max = 30;
  static constexpr core::duration retransmission_min = std::chrono::milliseconds(200);
  // s.6.6.5: "It is RECOMMENDED that such a connection be retained for 30 seconds."
  static constexpr core::duration stream_patience = std::chrono::seconds(30);

  static constexpr double window_initial = 10;  // RFC 6928
  static constexpr double slow_start_initial = 128;

  explicit frame_sender(options o) : options_(o) {}

  // Queues the parts of one message. errc::overloaded.
  core::status submit(std::vector<core::bytes> parts, std::uint64_t token);
  // The next frame to transmit now, or nothing: the window is full or all is sent.
  [[nodiscard]] std::optional<core::bytes> next_frame(core::time_point now);
  void on_ack(const frame& ack, core::time_point now);
  // errc::timed_out: a message was sent for the last time and none came back; the link is to be closed.
  core::status on_timer(core::time_point now);
  // Goes on over another carrier, with `retransmit` as that one needs it: what the peer has is done, the rest of what was under
  // way is sent again first, in its order. `cut` cuts what is too large for the new one.
  using cutter = std::function<std::vector<core::bytes>(core::byte_view)>;
  void move(const receive_state& theirs, bool retransmit, const cutter& cut);
  // Something was sent again twice, and is not acknowledged.
  [[nodiscard]] bool sent_in_vain() const noexcept;
  [[nodiscard]] core::time_point deadline() const noexcept;  // max(): nothing to wait for
  [[nodiscard]] std::vector<event> take_events() { return std::exchange(events_, {}); }

  [[nodiscard]] rtt_estimator& rtt() noexcept { return rtt_; }
  [[nodiscard]] const rtt_estimator& rtt() const noexcept { return rtt_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return flying_.size(); }

 private:
  struct message {
    std::uint64_t token;
    std::size_t parts;  // not yet acknowledged
    bool overdue = false;
  };
  struct part {
    std::uint64_t of;  // key of its message
    core::bytes body;
    unsigned transmissions = 0;
    unsigned silences = 0;                 // time-outs in a row in which no other frame was acknowledged
    unsigned passed = 0;                   // ACKs of frames sent after it
    bool lost = false;                     // to be sent again
    std::vector<std::uint32_t> sequences;  // of its transmissions
    core::time_point sent_at;              // last
    core::time_point overdue_at;
    core::time_point retransmit_at;
  };
  struct transmission {
    std::uint64_t part;
    core::time_point at;
  };

  core::bytes transmit(std::uint64_t key, part& p, core::time_point now);
  bool acknowledge(std::uint32_t sequence);
  void note_passed(std::uint32_t sequence);
  void shrink_window(const part& p);
  void tell_overdue(message& m);
  core::status expire(part& p, core::time_point now);

  options options_;
  rtt_estimator rtt_;
  std::uint32_t next_sequence_ = 0;  // "Initially, the value is zero"
  std::uint64_t next_key_ = 1;
  std::size_t queued_bytes_ = 0;
  double window_ = window_initial;  // frames
  double slow_start_threshold_ = slow_start_initial;
  std::uint32_t recovery_ = 0;  // losses of frames before this one are one event
  std::size_t lost_ = 0;
  core::time_point heard_;  // the last ACK of any frame
  std::map<std::uint64_t, message> messages_;
  std::map<std::uint64_t, part> waiting_;  // by key: in their order
  std::map<std::uint64_t, part> flying_;
  std::map<std::uint32_t, transmission> sent_;  // by sequence; of parts in flight
  std::vector<event> events_;
};

}  // namespace phyllo::transport
