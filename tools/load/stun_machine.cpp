#include "stun_machine.hpp"

#include <cstring>

#include "phyllo/stun/message.hpp"

namespace phyllo::load {
namespace {

constexpr std::size_t transaction_at = 8;  // of a message: type, length and cookie come before

std::uint64_t number_of(operation_key k) noexcept { return (std::uint64_t{k.place} << 32) | k.use; }

operation_key key_of(const stun::transaction_id& id) noexcept {
  std::uint64_t n = 0;
  std::memcpy(&n, id.data(), sizeof n);
  return {static_cast<std::uint32_t>(n >> 32), static_cast<std::uint32_t>(n)};
}

// Empty: the answer is good.
std::string_view fault_of(const stun::message& m) {
  if (m.type == stun::message_type::binding_error) return "error response";
  return m.xor_mapped_address() ? "" : "no mapped address";
}

}  // namespace

stun_machine::stun_machine(const settings& s, outbox& out, core::time_point now)
    : settings_(s), out_(out), wheel_(now), request_(stun::message().encode()), operations_(s.operations_max) {}

void stun_machine::begin(core::time_point intended, core::time_point now) {
  const auto number = begun_++;
  operation_key key;
  auto* o = operations_.make(key);
  operation none;
  none.intended = intended;
  auto& one = o == nullptr ? none : *o;
  one.key = key;
  one.intended = intended;
  one.way = static_cast<unsigned>(number % settings_.ways);
  if (is_counted(one)) {
    ++tally_.started;
    tally_.behind.record(now - intended);
  }
  if (o == nullptr) return finish(one, now, "too many under way");
  one.again.begin(now, settings_.timing);
  one.due = one.again.due();
  wheel_.set(key, one.due);
  send(one);
}

void stun_machine::send(const operation& o) {
  const auto room = out_.room(o.way);
  if (room.size() < request_.size()) return;
  const auto n = number_of(o.key);
  std::memcpy(room.data(), request_.data(), request_.size());
  std::memcpy(room.data() + transaction_at, &n, sizeof n);
  out_.commit(o.way, {}, request_.size());
}

void stun_machine::on_message(const arrival& a, core::time_point now) {
  const auto m = stun::message::decode(core::as_bytes(a.text));
  auto* o = m ? operations_.find(key_of(m->transaction)) : nullptr;
  const bool answers = m && (m->type == stun::message_type::binding_success || m->type == stun::message_type::binding_error);
  if (o == nullptr || !answers) {
    ++tally_.unexpected;
    return;
  }
  finish(*o, now, fault_of(*m));
}

void stun_machine::finish(operation& o, core::time_point now, std::string_view failure) {
  if (is_counted(o) && failure.empty()) {
    ++tally_.succeeded;
    tally_.whole.record(now - o.intended);
  } else if (is_counted(o)) {
    tally_.fail(failure);
  }
  operations_.drop(o.key);
}

void stun_machine::on_time(core::time_point now) {
  wheel_.pass(now, [&](operation_key key, core::time_point at) {
    auto* o = operations_.find(key);
    if (o == nullptr || o->due != at) return;
    const auto step = o->again.pass(now, settings_.timing, true);
    if (step == retransmission::step::give_up) return finish(*o, now, "timed out");
    if (step == retransmission::step::again) {
      send(*o);
      ++tally_.retransmissions;
    }
    o->due = o->again.due();
    wheel_.set(key, o->due);
  });
}

void stun_machine::abandon(core::time_point now) {
  operations_.each([&](operation& o) { finish(o, now, "not answered when the run ended"); });
}

}  // namespace phyllo::load
