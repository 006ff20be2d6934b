#include "link/move_exchange.hpp"

#include <algorithm>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t early_bytes_max = 1024 * 1024;
constexpr core::duration first_wait = std::chrono::milliseconds(300);  // until a datagram's question is repeated

}  // namespace

move_exchange::move_exchange(core::environment& env, std::shared_ptr<frame_carrier> carrier)
    : env_(env), carrier_(std::move(carrier)), answers_(env, 1) {
  carrier_->attach(this);
}

core::awaitable<core::result<receive_state>> move_exchange::run(move_frame question, core::time_point deadline) {
  const auto whole = encode_move(question);
  const bool repeats = carrier_->kind() == link_kind::dtls;
  auto wait = first_wait;
  for (bool first = true; env_.now() < deadline; first = false) {  // ends with an answer or at the deadline
    if (first || repeats) {
      const auto sent = carrier_->send_frame(whole);
      if (!sent) co_return core::fail(sent.error());
    }
    const auto until = std::min(deadline, env_.now() + wait);
    auto answer = co_await answers_.receive(until);
    if (answer) co_return std::move(*answer);
    wait *= 2;
  }
  co_return core::fail(errc::timed_out, "the peer does not say that it moves");
}

// Data that comes before the answer is sent again by the peer: it is not acknowledged. Over a stream none does.
void move_exchange::on_frame(core::byte_view whole) {
  if (!is_move(whole)) {
    if (!answered_ || early_bytes_ + whole.size() > early_bytes_max) return;
    early_bytes_ += whole.size();
    early_.push_back(core::to_bytes(whole));
    return;
  }
  const auto m = decode_move(whole);
  if (!m || !m->moved || answered_) return;
  answered_ = true;
  if (m->accepted) {
    answers_.push(m->state);
  } else {
    answers_.push(core::fail(errc::refused, "the peer knows no such link"));
  }
}

void move_exchange::on_ended(const core::error& why) { answers_.push(core::fail(why)); }

}  // namespace phyllo::transport
