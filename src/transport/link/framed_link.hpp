// A link: messages in and out over a carrier's frames (RFC 6940 s.6.6). A shell around frame_sender and message_intake, with callbacks and
// one alarm; no coroutine.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "link/frame_carrier.hpp"
#include "link/frame_sender.hpp"
#include "link/link_audience.hpp"
#include "link/link_capture.hpp"
#include "link/link_registry.hpp"
#include "link/link_way.hpp"
#include "link/message_intake.hpp"
#include "link/move_hold.hpp"
#include "link/silence_watch.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/transport/link.hpp"
#include "port/alarm.hpp"

namespace phyllo::transport {

class framed_link final : public link, public std::enable_shared_from_this<framed_link>, private carrier_owner {
 public:
  // `rtt`: a first measurement, if there is one. The carrier is attached by start().
  framed_link(std::shared_ptr<link_registry> registry, std::shared_ptr<frame_carrier> carrier, std::optional<core::duration> rtt);
  ~framed_link() override;
  void start();

  // Moves (links.md): the link goes on over another carrier, and whoever observes it notices nothing. From freeze() on nothing is
  // sent, and what comes waits, until move_to() forgets it, since the peer sends it again, or thaw() delivers it.
  void freeze();
  void thaw();
  struct new_way {
    std::shared_ptr<frame_carrier> carrier;
    receive_state theirs;               // what the peer has of ours
    std::optional<core::duration> rtt;  // a first measurement, if there is one
    core::fifo<core::bytes> early;      // frames that came by it already
  };
  void move_to(new_way way);
  // The peer has dialled `carrier` and asked with `question` to move there.
  void follow(std::shared_ptr<frame_carrier> carrier, const move_frame& question);
  // By which the peer of one that was dialled is asked to move it.
  [[nodiscard]] move_frame question() const;
  // Whether a question with this token is about it: who dialled a link asks, and is not asked.
  [[nodiscard]] bool answers_to(const link_token& token) const noexcept { return !troubled_ && way_.token == token; }
  // Who dialled may move it, and hears when the peer has been silent for long though it is spoken to.
  void mark_dialled(std::function<void()> troubled) { troubled_ = std::move(troubled); }
  [[nodiscard]] core::time_point heard() const noexcept { return silence_.heard(); }

  void observe(link_observer* o) override;
  core::status send(core::byte_view message, std::uint64_t token) override;
  void close() override;

  [[nodiscard]] const identity::certificate& peer() const noexcept override { return *way_.peer; }
  [[nodiscard]] endpoint remote() const override { return way_.remote; }
  [[nodiscard]] link_kind kind() const noexcept override { return way_.kind; }
  [[nodiscard]] rung by() const noexcept override { return way_.carrier->by(); }
  [[nodiscard]] bool open() const noexcept override { return !ended_; }
  [[nodiscard]] core::duration rtt() const noexcept override { return sender_.rtt().srtt(); }
  [[nodiscard]] core::duration rto() const noexcept override { return sender_.rtt().rto(); }

 private:
  void on_frame(core::byte_view whole) override;
  void on_writable() override;
  void on_ended(const core::error& why) override;

  void on_whole(core::byte_view whole);
  void on_data(const frame& f);
  void on_alarm();
  void pump();
  void rearm();
  void emit(core::byte_view whole);
  void end(const core::error& why);
  void deliver_later();

  std::shared_ptr<link_registry> registry_;
  link_way way_;
  frame_sender sender_;
  message_intake intake_;
  link_capture capture_;
  link_audience audience_;
  std::optional<alarm> alarm_;
  core::time_point orphan_deadline_;
  std::optional<core::error> ended_;
  std::optional<link_token> followed_;  // a move that was asked for with it
  std::function<void()> troubled_;
  silence_watch silence_;
  move_hold hold_;
};

}  // namespace phyllo::transport
