#include "link/dtls_carrier.hpp"

#include <algorithm>
#include <array>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

// Record header 13, explicit nonce 8, tag 16 (RFC 6347 s.4.1, RFC 5288): the largest of our cipher suites.
constexpr std::size_t record_overhead = 37;

}  // namespace

dtls_carrier::dtls_carrier(core::environment& env, std::unique_ptr<tls_engine> engine, std::unique_ptr<datagram_channel> channel)
    : env_(env), engine_(std::move(engine)), channel_(std::move(channel)), local_(channel_->local()), remote_(channel_->remote()) {
  channel_->receive(this);
}

std::size_t dtls_carrier::frame_bytes_max() const noexcept { return datagram_bytes_max - record_overhead; }

void dtls_carrier::start(core::time_point deadline, core::bytes preamble, handshake_handler done) {
  deadline_ = deadline;
  preamble_ = std::move(preamble);
  done_ = std::move(done);
  alarm_.emplace(env_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
  if (!preamble_.empty()) static_cast<void>(channel_->send(preamble_));
  step();
}

core::status dtls_carrier::send_frame(core::byte_view frame) {
  if (!channel_) return core::fail(errc::closed);
  if (auto written = engine_->write(frame); !written) return written;
  if (!reading_) flush();
  return {};
}

void dtls_carrier::close() {
  if (!channel_) return;
  engine_->shutdown();
  flush();
  alarm_.reset();
  channel_.reset();
}

bool dtls_carrier::supersede() {
  if (!engine_->established()) return false;
  fail(core::error(errc::closed, "the peer began anew"));
  return true;
}

void dtls_carrier::on_datagram(core::byte_view data) {
  const auto self = shared_from_this();
  engine_->feed(data);
  step();
}

void dtls_carrier::on_unreachable() {
  // A settled link is left to its own timers: ICMP is easily forged.
  const auto self = shared_from_this();
  if (!engine_->established()) finish(core::fail(errc::refused, remote_.text()));
}

void dtls_carrier::on_alarm() {
  if (!channel_) return;
  if (!engine_->established()) {
    if (env_.now() >= deadline_) return finish(core::fail(errc::timed_out, "no DTLS handshake with " + remote_.text()));
    if (!preamble_.empty()) static_cast<void>(channel_->send(preamble_));
  }
  if (const auto alive = engine_->on_timeout(); !alive && !engine_->established()) return finish(alive);
  flush();
  rearm();
}

void dtls_carrier::step() {
  if (!engine_->established()) {
    const auto shaken = engine_->handshake();
    flush();
    if (!shaken) return finish(shaken);
    if (!engine_->established()) return rearm();
    finish({});
  }
  reading_ = true;
  if (channel_ && owner_ != nullptr) read_all();
  reading_ = false;
  if (!channel_) return;
  flush();
  rearm();
}

void dtls_carrier::read_all() {
  __attribute__((uninitialized)) std::array<std::uint8_t, 16384> record;  // filled by read; zeros cost here
  while (channel_ && owner_ != nullptr) {                                 // ends when BoringSSL has no more, or we are closed
    const auto n = engine_->read(record);
    if (!n) return fail(n.error());
    if (*n == 0) return;
    owner_->on_frame(core::byte_view(record).first(*n));
  }
}

// Records that fit go in one datagram (RFC 6347 s.4.1.1): the ACK of a request and its answer, mostly.
void dtls_carrier::flush() {
  core::bytes datagram;
  for (auto& record : engine_->take_output()) {
    if (!datagram.empty() && datagram.size() + record.size() > datagram_bytes_max)
      static_cast<void>(channel_->send(std::exchange(datagram, {})));  // lost like any other
    if (datagram.empty()) {
      datagram = std::move(record);
    } else {
      core::append(datagram, record);
    }
  }
  if (!datagram.empty()) static_cast<void>(channel_->send(datagram));
}

void dtls_carrier::rearm() {
  if (!alarm_) return;
  const auto wait = engine_->timeout();
  if (engine_->established() && !wait) return alarm_.reset();  // nothing is waited for any more
  auto when = engine_->established() ? core::time_point::max() : deadline_;
  if (wait) when = std::min(when, env_.now() + *wait);
  alarm_->at(when);
}

void dtls_carrier::finish(const core::status& how) {
  if (!done_) return;
  const auto self = shared_from_this();
  const auto done = std::exchange(done_, nullptr);
  if (!how) {
    alarm_.reset();
    channel_.reset();
  }
  done(*this, how);
}

void dtls_carrier::fail(const core::error& why) {
  const auto self = shared_from_this();
  finish(core::fail(why));
  alarm_.reset();
  channel_.reset();
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_ended(why);
}

}  // namespace phyllo::transport
