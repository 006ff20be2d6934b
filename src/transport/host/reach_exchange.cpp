#include "host/reach_exchange.hpp"

#include <algorithm>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration rto_initial = std::chrono::milliseconds(250);  // RFC 8489 s.6.2.1 lets a known class of peers use less than 500

}  // namespace

reach_exchange::reach_exchange(core::environment& env, stun_server& stun, datagram_channel& channel, dial_guard& guard)
    : env_(env), stun_(stun), channel_(channel), guard_(guard), request_(reachability::request(env)), answers_(env, 2) {
  channel_.receive(this);
  stun_.expect(request_.transaction, [this](const stun::message& answer, const endpoint& from) {
    if (from == channel_.remote()) answers_.push(answer);
  });
}

reach_exchange::~reach_exchange() {
  channel_.receive(nullptr);
  stun_.forget(request_.transaction);
}

void reach_exchange::on_unreachable() { answers_.push(core::fail(errc::refused, channel_.remote().text())); }

core::awaitable<core::result<reach_exchange::outcome>> reach_exchange::run(core::time_point deadline) {
  const auto message = request_.encode();
  auto wait = rto_initial;
  for (bool first = true; env_.now() < deadline; first = false) {  // ends with an answer, an ICMP error, or at the deadline
    if (!first) {
      if (auto spent = guard_.spend(channel_.remote()); !spent) co_return core::fail(spent.error());
    }
    const auto sent_at = env_.now();
    static_cast<void>(channel_.send(message));
    const auto until = std::min(deadline, sent_at + wait);
    auto answer = co_await answers_.receive(until);
    wait *= 2;
    if (!answer) continue;
    if (!*answer) co_return core::fail(answer->error());
    outcome out;
    out.rtt = env_.now() - sent_at;
    out.indication = reachability::indication(env_, **answer).value_or(core::bytes());
    co_return out;
  }
  co_return core::fail(errc::timed_out, "no STUN answer from " + channel_.remote().text());
}

}  // namespace phyllo::transport
