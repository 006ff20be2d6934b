// A link: messages in and out over a carrier's frames (RFC 6940 s.6.6). A shell around frame_sender, frame_receiver
// and reassembler, with callbacks and one alarm; no coroutine.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "link/fragmentation.hpp"
#include "link/frame_carrier.hpp"
#include "link/frame_receiver.hpp"
#include "link/frame_sender.hpp"
#include "link/link_registry.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/transport/link.hpp"
#include "port/alarm.hpp"

namespace phyllo::transport {

inline constexpr std::size_t max_message = 65536;  // RELOAD's max-message-size here

class framed_link final : public link, public std::enable_shared_from_this<framed_link>, private carrier_owner {
 public:
  static constexpr std::size_t backlog_messages_max = 64;
  static constexpr std::size_t backlog_bytes_max = 256 * 1024;
  static constexpr std::size_t held_bytes_max = 1024 * 1024;                      // that came while frozen
  static constexpr core::duration silence_max = std::chrono::milliseconds(1500);  // then other ways are tried
  static constexpr core::duration capture_memory = std::chrono::seconds(15);      // that of reassembly

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
  [[nodiscard]] const link_token& token() const noexcept { return token_; }
  [[nodiscard]] const receive_state& received() const noexcept { return receiver_.state(); }
  // Who dialled may move it, and hears when the peer has been silent for long though it is spoken to.
  void mark_dialled(std::function<void()> troubled) { troubled_ = std::move(troubled); }
  [[nodiscard]] bool dialled() const noexcept { return troubled_ != nullptr; }
  [[nodiscard]] core::time_point heard() const noexcept { return heard_; }

  void observe(link_observer* o) override;
  core::status send(core::byte_view message, std::uint64_t token) override;
  void close() override;

  [[nodiscard]] const identity::certificate& peer() const noexcept override { return carrier_->peer(); }
  [[nodiscard]] endpoint remote() const override { return remote_; }
  [[nodiscard]] link_kind kind() const noexcept override { return kind_; }
  [[nodiscard]] rung by() const noexcept override { return carrier_->by(); }
  [[nodiscard]] bool open() const noexcept override { return !ended_; }
  [[nodiscard]] core::duration rtt() const noexcept override { return sender_.rtt().srtt(); }
  [[nodiscard]] core::duration rto() const noexcept override { return sender_.rtt().rto(); }

 private:
  void on_frame(core::byte_view whole) override;
  void on_writable() override;
  void on_ended(const core::error& why) override;

  void on_whole(core::byte_view whole);
  void on_data(const frame& f);
  void take(core::byte_view message);
  void drain();
  void on_alarm();
  void pump();
  void rearm();
  void emit(core::byte_view whole);
  void capture(const endpoint& from, const endpoint& to, core::byte_view whole, std::unique_ptr<frame_receiver>& fragments);
  void tell_events();
  void look_for_trouble(core::time_point now);
  void end(const core::error& why);
  void tell_closed();
  void later(void (framed_link::*what)());

  std::shared_ptr<link_registry> registry_;
  std::shared_ptr<frame_carrier> carrier_;
  link_kind kind_;
  endpoint local_;
  endpoint remote_;
  frame_sender sender_;
  frame_receiver receiver_;
  reassembler reassembler_{max_message, &registry_->reassembly};
  std::unique_ptr<frame_receiver> captured_out_;  // fragments that the capture has, once there is one
  std::unique_ptr<frame_receiver> captured_in_;
  std::optional<alarm> alarm_;
  link_observer* observer_ = nullptr;
  core::time_point orphan_deadline_;
  core::fifo<core::bytes> backlog_;  // arrived before anybody observed
  std::size_t backlog_bytes_ = 0;
  std::optional<core::error> ended_;
  bool told_ = false;  // of the end
  link_token token_{};
  std::optional<link_token> followed_;  // a move that was asked for with it
  std::function<void()> troubled_;
  core::time_point heard_;
  bool in_trouble_ = false;
  bool frozen_ = false;
  core::fifo<core::bytes> held_;  // while frozen
  std::size_t held_bytes_ = 0;
  std::optional<core::error> lost_;  // the carrier, while frozen
};

}  // namespace phyllo::transport
