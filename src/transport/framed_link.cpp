#include "framed_link.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <asio/post.hpp>

#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t record_plain_max = 16384;  // a DTLS record; a frame that can not be fragmented is cut by IP instead

frame_sender::options sender_options(link_kind kind) {
  frame_sender::options o;
  o.retransmit = kind == link_kind::dtls;
  return o;
}

}  // namespace

framed_link::framed_link(std::shared_ptr<link_registry> registry, std::shared_ptr<frame_carrier> carrier, std::optional<core::duration> rtt)
    : registry_(std::move(registry)),
      carrier_(std::move(carrier)),
      kind_(carrier_->kind()),
      local_(carrier_->local()),
      remote_(carrier_->remote()),
      sender_(sender_options(kind_)),
      orphan_deadline_(registry_->env.now() + registry_->orphan_timeout) {
  if (rtt) sender_.rtt().sample(*rtt);
}

framed_link::~framed_link() {
  if (!ended_) end(core::error(errc::closed));
}

void framed_link::start() {
  registry_->add(this, kind_);
  alarm_.emplace(registry_->env.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
  carrier_->attach(this);
  rearm();
}

void framed_link::observe(link_observer* o) {
  observer_ = o;
  if (ended_) return o != nullptr ? later(&framed_link::drain) : void();
  orphan_deadline_ = o == nullptr ? registry_->env.now() + registry_->orphan_timeout : core::time_point::max();
  rearm();
  if (o != nullptr && !backlog_.empty()) later(&framed_link::drain);
}

core::status framed_link::send(core::byte_view message, std::uint64_t token) {
  if (ended_) return core::fail(errc::closed, ended_->message());
  if (message.size() > max_message) return core::fail(errc::too_large, fmt::format("{} bytes, {} at most", message.size(), max_message));
  const bool cut = kind_ == link_kind::dtls;
  auto parts = fragment(message, cut ? carrier_->frame_bytes_max() - data_header_size : max_message);
  if (cut && parts.front().size() + data_header_size > record_plain_max)
    return core::fail(errc::too_large, "not RELOAD, so it can not be fragmented");
  if (auto queued = sender_.submit(std::move(parts), token); !queued) return queued;
  pump();
  return {};
}

void framed_link::close() {
  if (ended_) return;
  end(core::error(errc::closed, "closed on this side"));
  later(&framed_link::tell_closed);
}

void framed_link::on_frame(core::byte_view whole) {
  const auto self = shared_from_this();
  const auto f = decode_frame(whole);
  if (!f) {
    registry_->metrics.drop("frame_malformed");
    if (kind_ == link_kind::tls) on_ended(f.error());
    return;
  }
  capture(remote_, local_, whole, captured_in_);
  if (f->data) return on_data(*f);
  sender_.on_ack(*f, registry_->env.now());
  tell_events();
  if (!ended_) pump();
}

void framed_link::on_data(const frame& f) {
  if (observer_ == nullptr && (backlog_.size() >= backlog_messages_max || backlog_bytes_ + f.message.size() > backlog_bytes_max)) {
    registry_->metrics.drop("link_backlog_full");  // without ACK: the peer sends it again
    return;
  }
  emit(encode_ack(f.sequence, receiver_.received(f.sequence)));
  if (kind_ == link_kind::dtls && !receiver_.fresh(f.message, registry_->env.now())) {
    registry_->metrics.drop("link_duplicate");
    return;
  }
  if (!is_fragment(f.message)) return take(f.message);
  const auto given_up = registry_->reassembly.given_up();
  const auto whole = reassembler_.add(f.message, registry_->env.now());
  for (auto n = given_up; n < registry_->reassembly.given_up(); ++n) registry_->metrics.drop("fragment_host_full");
  if (!whole) {
    registry_->metrics.drop(registry_->reassembly.has_room(f.message.size()) ? "fragment_refused" : "fragment_host_full");
  } else if (*whole) {
    take(**whole);
  }
}

void framed_link::take(core::byte_view message) {
  if (observer_ != nullptr && backlog_.empty()) return observer_->on_message(*this, message);
  backlog_.push_back(core::to_bytes(message));
  backlog_bytes_ += message.size();
}

// What waited for an observer; it may let go of us, or stop observing, at any message.
void framed_link::drain() {
  const auto self = shared_from_this();
  while (observer_ != nullptr && !backlog_.empty()) {  // ends with the backlog
    const auto message = std::move(backlog_.front());
    backlog_.pop_front();
    backlog_bytes_ -= message.size();
    observer_->on_message(*this, message);
  }
  if (ended_) tell_closed();
}

void framed_link::on_writable() {
  const auto self = shared_from_this();
  pump();
}

void framed_link::on_ended(const core::error& why) {
  const auto self = shared_from_this();
  if (ended_) return;
  end(why);
  tell_closed();
}

void framed_link::on_alarm() {
  if (ended_) return;
  const auto now = registry_->env.now();
  if (now >= orphan_deadline_) return on_ended(core::error(errc::timed_out, "nobody took the link"));
  const auto alive = sender_.on_timer(now);
  tell_events();
  if (ended_) return;
  if (!alive) return on_ended(alive.error());
  pump();
}

void framed_link::pump() {
  const auto now = registry_->env.now();
  while (!ended_ && carrier_->writable()) {  // ends with the window, the queue or the carrier's room
    const auto next = sender_.next_frame(now);
    if (!next) break;
    emit(*next);
  }
  rearm();
}

void framed_link::rearm() {
  if (alarm_) alarm_->at(std::min(sender_.deadline(), orphan_deadline_));
}

// A fragment that is sent again is left out: readers of the capture have put its message together by then, and take
// what comes late for a message of its own that lacks its beginning.
void framed_link::capture(const endpoint& from, const endpoint& to, core::byte_view whole, frame_receiver& fragments) {
  if (!registry_->tap) return;
  const auto f = decode_frame(whole);
  if (f && f->data && is_fragment(f->message) && !fragments.fresh(f->message, registry_->env.now())) return;
  registry_->tap(from, to, kind_, whole);
}

void framed_link::emit(core::byte_view whole) {
  capture(local_, remote_, whole, captured_out_);
  // A carrier that fails says so itself, from its own turn of the loop; until then the frame counts as lost.
  if (const auto sent = carrier_->send_frame(whole); !sent) registry_->metrics.drop("frame_unsent");
}

void framed_link::tell_events() {
  for (const auto& e : sender_.take_events()) {
    if (ended_ || observer_ == nullptr) return;
    if (e.kind == frame_sender::event_kind::acknowledged) {
      observer_->on_acknowledged(*this, e.token);
    } else {
      observer_->on_overdue(*this, e.token);
    }
  }
}

void framed_link::end(const core::error& why) {
  ended_ = why;
  alarm_.reset();
  carrier_->attach(nullptr);
  carrier_->close();
  registry_->remove(this, kind_);
}

void framed_link::tell_closed() {
  if (told_ || observer_ == nullptr || !backlog_.empty()) return;
  told_ = true;
  observer_->on_closed(*this, *ended_);
}

void framed_link::later(void (framed_link::*what)()) {
  asio::post(registry_->env.get_executor(), [weak = weak_from_this(), what] {
    if (const auto self = weak.lock()) ((*self).*what)();
  });
}

}  // namespace phyllo::transport
