#include "link/framed_link.hpp"

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
  token_ = carrier_->token();
  heard_ = registry_->env.now();
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

void framed_link::freeze() { frozen_ = true; }

void framed_link::thaw() {
  if (!std::exchange(frozen_, false)) return;
  const auto self = shared_from_this();
  for (auto held = std::exchange(held_, {}); !ended_ && !held.empty(); held.pop_front()) on_whole(held.front());
  held_bytes_ = 0;
  if (const auto lost = std::exchange(lost_, std::nullopt)) return on_ended(*lost);
  if (!ended_) pump();
}

void framed_link::move_to(new_way way) {
  const auto self = shared_from_this();
  registry_->remove(this, kind_);
  carrier_->attach(nullptr);
  carrier_->close();
  carrier_ = std::move(way.carrier);
  kind_ = carrier_->kind();
  local_ = carrier_->local();
  remote_ = carrier_->remote();
  token_ = carrier_->token();
  heard_ = registry_->env.now();
  frozen_ = in_trouble_ = false;
  held_.clear();
  held_bytes_ = 0;
  lost_.reset();
  registry_->add(this, kind_);
  const std::size_t most = kind_ == link_kind::dtls ? carrier_->frame_bytes_max() - data_header_size : max_message;
  sender_.move(way.theirs, kind_ == link_kind::dtls, [most](core::byte_view m) { return fragment(m, most); });
  if (way.rtt) sender_.rtt().sample(*way.rtt);
  carrier_->attach(this);
  tell_events();
  for (; !ended_ && !way.early.empty(); way.early.pop_front()) on_frame(way.early.front());
  if (!ended_) pump();
}

void framed_link::follow(std::shared_ptr<frame_carrier> carrier, const move_frame& question) {
  move_frame answer;
  answer.moved = answer.accepted = true;
  answer.state = receiver_.state();  // nothing comes by the old carrier any more
  carrier_->attach(nullptr);
  static_cast<void>(carrier->send_frame(encode_move(answer)));  // if it is lost, the question is repeated
  followed_ = question.token;
  new_way way;
  way.carrier = std::move(carrier);
  way.theirs = question.state;
  move_to(std::move(way));
}

void framed_link::on_frame(core::byte_view whole) {
  const auto self = shared_from_this();
  heard_ = registry_->env.now();
  in_trouble_ = false;
  if (!frozen_) return on_whole(whole);
  if (held_bytes_ + whole.size() > held_bytes_max) return registry_->metrics.drop("link_frozen");
  held_bytes_ += whole.size();
  held_.push_back(core::to_bytes(whole));
}

void framed_link::on_whole(core::byte_view whole) {
  if (is_move(whole)) {  // a question whose answer was lost; an answer that came twice
    const auto m = decode_move(whole);
    if (!m || m->moved || !followed_ || m->token != *followed_) return;
    move_frame answer;
    answer.moved = answer.accepted = true;
    answer.state = receiver_.state();
    return emit(encode_move(answer));
  }
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
  if (frozen_) {  // the peer may have gone on to the new carrier already
    lost_ = why;
    return;
  }
  end(why);
  tell_closed();
}

void framed_link::on_alarm() {
  if (ended_) return;
  const auto now = registry_->env.now();
  if (now >= orphan_deadline_) return on_ended(core::error(errc::timed_out, "nobody took the link"));
  if (frozen_) return rearm();
  const auto alive = sender_.on_timer(now);
  tell_events();
  if (ended_) return;
  if (!alive) return on_ended(alive.error());
  look_for_trouble(now);
  pump();
}

// Of a peer that is spoken to and silent: its host may be gone, or only the way to it.
void framed_link::look_for_trouble(core::time_point now) {
  if (!troubled_ || in_trouble_ || kind_ != link_kind::dtls || now - heard_ < silence_max || !sender_.sent_in_vain()) return;
  in_trouble_ = true;
  troubled_();
}

void framed_link::pump() {
  const auto now = registry_->env.now();
  while (!ended_ && !frozen_ && carrier_->writable()) {  // ends with the window, the queue or the carrier's room
    const auto next = sender_.next_frame(now);
    if (!next) break;
    emit(*next);
  }
  rearm();
}

void framed_link::rearm() {
  if (alarm_) alarm_->at(frozen_ ? orphan_deadline_ : std::min(sender_.deadline(), orphan_deadline_));
}

// A fragment that is sent again is left out: readers of the capture have put its message together by then, and take
// what comes late for a message of its own that lacks its beginning.
void framed_link::capture(const endpoint& from, const endpoint& to, core::byte_view whole, std::unique_ptr<frame_receiver>& fragments) {
  if (!registry_->tap || is_move(whole)) return;
  if (!fragments) fragments = std::make_unique<frame_receiver>(capture_memory);
  const auto f = decode_frame(whole);
  if (f && f->data && is_fragment(f->message) && !fragments->fresh(f->message, registry_->env.now())) return;
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
