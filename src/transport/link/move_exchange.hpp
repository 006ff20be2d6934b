// The dialling side of a move: asks on the new carrier until the peer has answered that it goes on there.
#pragma once

#include <memory>
#include <utility>

#include "link/frame_carrier.hpp"
#include "phyllo/core/fifo.hpp"
#include "phyllo/core/mailbox.hpp"

namespace phyllo::transport {

class move_exchange final : private carrier_owner {
 public:
  // `env` must outlive it. It attaches itself to `carrier`, and lets go of it in the end.
  move_exchange(core::environment& env, std::shared_ptr<frame_carrier> carrier);
  ~move_exchange() override { carrier_->attach(nullptr); }
  move_exchange(const move_exchange&) = delete;
  move_exchange& operator=(const move_exchange&) = delete;

  // What the peer has of ours, by its answer to `question`. refused: it knows no such link; closed, timed_out.
  core::awaitable<core::result<receive_state>> run(move_frame question, core::time_point deadline);
  // What came after the answer.
  [[nodiscard]] core::fifo<core::bytes> take_early() { return std::exchange(early_, {}); }

 private:
  void on_frame(core::byte_view whole) override;
  void on_writable() override {}
  void on_ended(const core::error& why) override;

  core::environment& env_;
  std::shared_ptr<frame_carrier> carrier_;
  core::mailbox<core::result<receive_state>> answers_;
  bool answered_ = false;
  core::fifo<core::bytes> early_;
  std::size_t early_bytes_ = 0;
};

}  // namespace phyllo::transport
