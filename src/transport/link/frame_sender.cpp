#include "link/frame_sender.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cassert>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr double window_min = 4;
constexpr unsigned passes_for_loss = 3;  // RFC 5681 s.3.2's duplicate-ACK threshold

}  // namespace

core::status frame_sender::submit(std::vector<core::bytes> parts, std::uint64_t token) {
  std::size_t size = 0;
  for (const auto& p : parts) size += p.size();
  if (queued_bytes_ + size > options_.queue_bytes_max) return core::fail(errc::overloaded, "the link's queue is full");
  queued_bytes_ += size;
  const auto key = next_key_++;
  messages_.emplace(key, message{token, parts.size()});
  for (auto& body : parts) {
    part p;
    p.of = key;
    p.body = std::move(body);
    waiting_.emplace_hint(waiting_.end(), next_key_++, std::move(p));
  }
  return {};
}

std::optional<core::bytes> frame_sender::next_frame(core::time_point now) {
  if (lost_ > 0) {
    const auto i = std::ranges::find_if(flying_, [](const auto& f) { return f.second.lost; });
    assert(i != flying_.end());
    i->second.lost = false;
    --lost_;
    return transmit(i->first, i->second, now);
  }
  if (waiting_.empty() || static_cast<double>(flying_.size()) >= window_) return std::nullopt;
  const auto next = flying_.insert(flying_.end(), waiting_.extract(waiting_.begin()));
  return transmit(next->first, next->second, now);
}

core::bytes frame_sender::transmit(std::uint64_t key, part& p, core::time_point now) {
  const auto sequence = next_sequence_++;
  if (p.sequences.empty()) p.overdue_at = now + rtt_.rto();
  const auto first = std::max(rtt_.rto(), retransmission_min);
  p.retransmit_at = now + (options_.retransmit ? first * (1U << std::min(p.silences, transmissions_max - 1)) : stream_patience);
  p.sent_at = now;
  ++p.transmissions;
  p.passed = 0;
  p.sequences.push_back(sequence);
  sent_.emplace(sequence, transmission{key, now});
  return encode_data(sequence, p.body);
}

void frame_sender::on_ack(const frame& ack, core::time_point now) {
  if (const auto s = sent_.find(ack.sequence); s != sent_.end()) rtt_.sample(now - s->second.at);
  if (acknowledge(ack.sequence)) {
    heard_ = now;
    note_passed(ack.sequence);
  }
  for (std::uint32_t k = 0; k < 32; ++k) {
    if ((ack.received >> k & 1U) != 0) acknowledge(ack.sequence - 1 - k);
  }
}

bool frame_sender::acknowledge(std::uint32_t sequence) {
  const auto s = sent_.find(sequence);
  if (s == sent_.end()) return false;
  const auto p = flying_.find(s->second.part);
  assert(p != flying_.end());  // what was sent of a part ends with it
  const auto m = messages_.find(p->second.of);
  assert(m != messages_.end() && m->second.parts > 0);
  assert(queued_bytes_ >= p->second.body.size() && (!p->second.lost || lost_ > 0));
  queued_bytes_ -= p->second.body.size();
  if (p->second.lost) --lost_;
  for (const auto each : p->second.sequences) sent_.erase(each);
  flying_.erase(p);
  window_ += window_ < slow_start_threshold_ ? 1 : 1 / window_;
  window_ = std::min(window_, static_cast<double>(options_.window_max));
  if (--m->second.parts > 0) return true;
  if (m->second.token != 0) events_.push_back({event_kind::acknowledged, m->second.token});
  messages_.erase(m);
  assert(!messages_.empty() || (queued_bytes_ == 0 && flying_.empty() && waiting_.empty()));
  return true;
}

// A frame that three later ones have passed is lost more likely than late; found so once, it then waits for its timer.
void frame_sender::note_passed(std::uint32_t sequence) {
  if (!options_.retransmit) return;
  for (auto& [key, p] : flying_) {
    const bool earlier = static_cast<std::int32_t>(sequence - p.sequences.back()) > 0;
    if (!earlier || p.lost || p.sequences.size() != 1 || ++p.passed < passes_for_loss) continue;
    p.lost = true;
    --p.transmissions;  // it was no time-out, and the waits do not double for it
    ++lost_;
    shrink_window(p);
  }
}

void frame_sender::shrink_window(const part& p) {
  if (static_cast<std::int32_t>(p.sequences.back() - recovery_) < 0) return;
  recovery_ = next_sequence_;
  slow_start_threshold_ = std::max(window_ / 2, window_min);
  window_ = slow_start_threshold_;
}

void frame_sender::tell_overdue(message& m) {
  if (m.overdue) return;
  m.overdue = true;
  if (m.token != 0) events_.push_back({event_kind::overdue, m.token});
}

core::status frame_sender::expire(part& p, core::time_point now) {
  if (now >= p.overdue_at) {
    tell_overdue(messages_.at(p.of));
    p.overdue_at = core::time_point::max();
  }
  if (p.lost || now < p.retransmit_at) return {};
  if (!options_.retransmit) return core::fail(errc::timed_out, "no ACK for 30 s");
  const bool heard = heard_ > p.sent_at;
  p.silences = heard ? 0 : p.silences + 1;
  if (p.silences >= transmissions_max || p.transmissions >= transmissions_alive_max)
    return core::fail(errc::timed_out, fmt::format("no ACK after {} transmissions", p.transmissions));
  p.lost = true;
  ++lost_;
  shrink_window(p);
  return {};
}

core::status frame_sender::on_timer(core::time_point now) {
  for (auto& [key, p] : flying_) {
    if (const auto alive = expire(p, now); !alive) return alive;
  }
  return {};
}

void frame_sender::move(const receive_state& theirs, bool retransmit, const cutter& cut) {
  std::vector<std::uint32_t> arrived;
  for (const auto& [sequence, t] : sent_) {
    if (theirs.has(sequence)) arrived.push_back(sequence);
  }
  for (const auto sequence : arrived) acknowledge(sequence);
  std::map<std::uint64_t, part> all;
  const auto again = [&](const part& p) {
    auto pieces = cut(p.body);
    messages_.at(p.of).parts += pieces.size() - 1;
    queued_bytes_ -= p.body.size();
    for (auto& piece : pieces) {
      queued_bytes_ += piece.size();
      part fresh;
      fresh.of = p.of;
      fresh.body = std::move(piece);
      all.emplace_hint(all.end(), next_key_++, std::move(fresh));
    }
  };
  for (const auto& [key, p] : flying_) again(p);
  for (const auto& [key, p] : waiting_) again(p);
  waiting_ = std::move(all);
  flying_.clear();
  sent_.clear();
  lost_ = 0;
  options_.retransmit = retransmit;
  rtt_ = {};
  window_ = window_initial;
  slow_start_threshold_ = slow_start_initial;
  recovery_ = next_sequence_;
}

bool frame_sender::sent_in_vain() const noexcept {
  return std::ranges::any_of(flying_, [](const auto& f) { return f.second.transmissions > 2; });
}

core::time_point frame_sender::deadline() const noexcept {
  auto first = core::time_point::max();
  for (const auto& [key, p] : flying_) first = std::min({first, p.overdue_at, p.lost ? core::time_point::max() : p.retransmit_at});
  return first;
}

}  // namespace phyllo::transport
