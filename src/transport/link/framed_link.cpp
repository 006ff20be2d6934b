#include "link/framed_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>

#include "link/fragmentation.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t record_plain_max = 16384;  // a DTLS record; a frame that can not be fragmented is cut by IP instead

frame_sender::options sender_options(const link_way& by) {
  frame_sender::options o;
  o.retransmit = by.datagrams();
  return o;
}

// To a question: the link goes on where that came by, and this is what came of it so far.
core::bytes accepted(const receive_state& state) {
  move_frame answer;
  answer.moved = answer.accepted = true;
  answer.state = state;
  return encode_move(answer);
}

}  // namespace

framed_link::framed_link(std::shared_ptr<link_registry> registry, std::shared_ptr<frame_carrier> carrier, std::optional<core::duration> rtt)
    : registry_(std::move(registry)),
      way_(std::move(carrier)),
      sender_(sender_options(way_)),
      intake_(registry_->reassembly, registry_->metrics),
      capture_(*registry_),
      orphan_deadline_(registry_->env.now() + registry_->orphan_timeout),
      silence_(registry_->env.now()) {
  if (rtt) sender_.rtt().sample(*rtt);
}

framed_link::~framed_link() {
  if (!ended_) end(core::error(errc::closed));
}

void framed_link::start() {
  registry_->add(this, way_.kind);
  alarm_.emplace(registry_->env.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_alarm();
  });
  way_.carrier->attach(this);
  rearm();
}

void framed_link::observe(link_observer* o) {
  audience_.observe(o);
  if (ended_) return o != nullptr ? deliver_later() : void();
  orphan_deadline_ = o == nullptr ? registry_->env.now() + registry_->orphan_timeout : core::time_point::max();
  rearm();
  if (o != nullptr && audience_.waiting()) deliver_later();
}

core::status framed_link::send(core::byte_view message, std::uint64_t token) {
  if (ended_) return core::fail(errc::closed, ended_->message());
  if (message.size() > max_message) return core::fail(errc::too_large, fmt::format("{} bytes, {} at most", message.size(), max_message));
  auto parts = fragment(message, way_.part_bytes_max());
  if (way_.datagrams() && parts.front().size() + data_header_size > record_plain_max)
    return core::fail(errc::too_large, "not RELOAD, so it can not be fragmented");
  if (auto queued = sender_.submit(std::move(parts), token); !queued) return queued;
  pump();
  return {};
}

void framed_link::close() {
  if (ended_) return;
  end(core::error(errc::closed, "closed on this side"));
  deliver_later();
}

void framed_link::freeze() { hold_.begin(); }

void framed_link::thaw() {
  if (!hold_.holds()) return;
  const auto self = shared_from_this();
  auto held = hold_.end();
  for (; !ended_ && !held.frames.empty(); held.frames.pop_front()) on_whole(held.frames.front());
  if (held.lost) return on_ended(*held.lost);
  if (!ended_) pump();
}

void framed_link::move_to(new_way way) {
  const auto self = shared_from_this();
  registry_->remove(this, way_.kind);
  way_.carrier->attach(nullptr);
  way_.carrier->close();
  way_ = link_way(std::move(way.carrier));
  silence_.hear(registry_->env.now());
  static_cast<void>(hold_.end());
  registry_->add(this, way_.kind);
  const auto most = way_.part_bytes_max();
  sender_.move(way.theirs, way_.datagrams(), [most](core::byte_view m) { return fragment(m, most); });
  if (way.rtt) sender_.rtt().sample(*way.rtt);
  way_.carrier->attach(this);
  audience_.tell(*this, sender_.take_events(), ended_);
  for (; !ended_ && !way.early.empty(); way.early.pop_front()) on_frame(way.early.front());
  if (!ended_) pump();
}

move_frame framed_link::question() const {
  move_frame q;
  q.token = way_.token;
  q.state = intake_.state();
  return q;
}

void framed_link::follow(std::shared_ptr<frame_carrier> carrier, const move_frame& question) {
  const auto answer = accepted(intake_.state());  // nothing comes by the old carrier any more
  way_.carrier->attach(nullptr);
  static_cast<void>(carrier->send_frame(answer));  // if it is lost, the question is repeated
  followed_ = question.token;
  new_way way;
  way.carrier = std::move(carrier);
  way.theirs = question.state;
  move_to(std::move(way));
}

void framed_link::on_frame(core::byte_view whole) {
  const auto self = shared_from_this();
  silence_.hear(registry_->env.now());
  if (!hold_.holds()) return on_whole(whole);
  if (!hold_.keep(whole)) registry_->metrics.drop("link_frozen");
}

void framed_link::on_whole(core::byte_view whole) {
  if (is_move(whole)) {  // a question whose answer was lost; an answer that came twice
    const auto m = decode_move(whole);
    if (!m || m->moved || !followed_ || m->token != *followed_) return;
    return emit(accepted(intake_.state()));
  }
  const auto f = decode_frame(whole);
  if (!f) {
    registry_->metrics.drop("frame_malformed");
    if (!way_.datagrams()) on_ended(f.error());
    return;
  }
  capture_.came(way_, whole);
  if (f->data) return on_data(*f);
  sender_.on_ack(*f, registry_->env.now());
  audience_.tell(*this, sender_.take_events(), ended_);
  if (!ended_) pump();
}

void framed_link::on_data(const frame& f) {
  if (!audience_.has_room(f.message.size())) {
    registry_->metrics.drop("link_backlog_full");  // without ACK: the peer sends it again
    return;
  }
  emit(intake_.acknowledge(f.sequence));
  core::bytes made;
  if (const auto message = intake_.take(f.message, way_.datagrams(), registry_->env.now(), made)) audience_.take(*this, *message);
}

void framed_link::on_writable() {
  const auto self = shared_from_this();
  pump();
}

void framed_link::on_ended(const core::error& why) {
  const auto self = shared_from_this();
  if (ended_) return;
  if (hold_.holds()) return hold_.lose(why);  // the peer may have gone on to the new carrier already
  end(why);
  audience_.tell_closed(*this, *ended_);
}

void framed_link::on_alarm() {
  if (ended_) return;
  const auto now = registry_->env.now();
  if (now >= orphan_deadline_) return on_ended(core::error(errc::timed_out, "nobody took the link"));
  if (hold_.holds()) return rearm();
  const auto alive = sender_.on_timer(now);
  audience_.tell(*this, sender_.take_events(), ended_);
  if (ended_) return;
  if (!alive) return on_ended(alive.error());
  if (troubled_ && way_.datagrams() && silence_.due(now) && sender_.sent_in_vain()) {
    silence_.tell();
    troubled_();
  }
  pump();
}

void framed_link::pump() {
  const auto now = registry_->env.now();
  while (!ended_ && !hold_.holds() && way_.carrier->writable()) {  // ends with the window, the queue or the carrier's room
    const auto next = sender_.next_frame(now);
    if (!next) break;
    emit(*next);
  }
  rearm();
}

void framed_link::rearm() {
  if (alarm_) alarm_->at(hold_.holds() ? orphan_deadline_ : std::min(sender_.deadline(), orphan_deadline_));
}

void framed_link::emit(core::byte_view whole) {
  capture_.sent(way_, whole);
  // A carrier that fails says so itself, from its own turn of the loop; until then the frame counts as lost.
  if (const auto sent = way_.carrier->send_frame(whole); !sent) registry_->metrics.drop("frame_unsent");
}

void framed_link::end(const core::error& why) {
  ended_ = why;
  alarm_.reset();
  way_.carrier->attach(nullptr);
  way_.carrier->close();
  registry_->remove(this, way_.kind);
}

// What waits for an observer; he may let go of us at any message.
void framed_link::deliver_later() {
  asio::post(registry_->env.get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->audience_.drain(*self);
    if (self->ended_) self->audience_.tell_closed(*self, *self->ended_);
  });
}

}  // namespace phyllo::transport
