#include "network_link.hpp"

#include <algorithm>

#include "phyllo/transport/errc.hpp"

namespace phyllo::sim {
namespace {

using namespace std::chrono_literals;
// As frame_sender has them.
constexpr unsigned transmissions_max = 5;         // of which none was taken
constexpr unsigned transmissions_lossy_max = 10;  // while other messages prove that the peer lives
constexpr core::duration retransmission_min = 200ms;
constexpr std::size_t backlog_max = 64;

}  // namespace

// From the sender's queue to its ACK; one object and one event at a time.
class network_link::transmission final : public event {
 public:
  transmission(std::shared_ptr<network_link> from, core::bytes message, std::uint64_t token)
      : from_(std::move(from)), message_(std::move(message)), token_(token), sent_(net().world().now()) {
    transmit();
  }
  void fire() override {
    switch (next_) {
      case step::arrive: return arrive();
      case step::taken: return taken();
      case step::again: return again();
      case step::acknowledge: return acknowledged();
    }
  }
  void drop() noexcept override { delete this; }

 private:
  enum class step : std::uint8_t { arrive, taken, again, acknowledge };

  [[nodiscard]] network& net() const { return from_->here_->network_; }
  [[nodiscard]] bool lost() const { return net().loss > 0 && net().world().chance() < net().loss; }
  [[nodiscard]] core::duration flight() const { return net().one_way(from_->here_->index(), from_->there_); }
  void after(core::duration d, step s) {
    next_ = s;
    net().world().schedule(*this, net().world().now() + d);
  }

  void transmit() {
    ++tries_;
    const bool reached = from_->reached();
    if (!reached) ++silent_;
    if (!reached || lost()) return retry();
    auto d = flight();
    if (net().reordered > 0 && net().world().chance() < net().reordered) d += net().reordering;
    if (token_ != 0 && 2 * d > from_->rto()) overdue_at(sent_ + from_->rto());
    after(d, step::arrive);
  }
  void retry() {
    const auto first = std::max(from_->rto(), retransmission_min);
    const auto patience = first * (1 << std::min(tries_ - 1, 4));
    if (token_ != 0) overdue_at(sent_ + from_->rto());
    after(patience, step::again);
  }
  void again() {
    if (!from_->open_) return drop();
    if (silent_ >= transmissions_max || tries_ >= transmissions_lossy_max) {
      from_->shut(core::error(transport::errc::timed_out, "no ACK"));
      return drop();
    }
    transmit();
  }
  void arrive() {
    const auto to = from_->other_.lock();
    if (!to || !to->open_ || !from_->reached()) return retry();
    const auto now = net().world().now();
    const auto when = to->here_->take(now);
    if (!when) return retry();
    if (*when <= now) return taken();
    if (token_ != 0 && *when + flight() > sent_ + from_->rto()) overdue_at(sent_ + from_->rto());
    after(*when - now, step::taken);
  }
  void taken() {
    const auto to = from_->other_.lock();
    if (!to || !to->open_) return retry();
    const bool twice = net().duplicates > 0 && net().world().chance() < net().duplicates;
    if (twice) net().world().at(net().world().now() + net().reordering, [to, copy = message_] { to->arrive(copy); });
    auto message = std::exchange(message_, {});
    if (token_ != 0) {
      const auto late = lost() ? retransmission_min : core::duration{};  // its ACK, that is
      if (late > 0s) overdue_at(sent_ + from_->rto());
      after(flight() + late, step::acknowledge);
      return to->arrive(std::move(message));
    }
    drop();
    to->arrive(std::move(message));
  }
  void acknowledged() {
    const auto link = std::exchange(from_, {});
    const auto token = token_;
    drop();
    if (link->open_ && link->observer_ != nullptr && link->here_->alive_) link->observer_->on_acknowledged(*link, token);
  }
  // Once a message.
  void overdue_at(core::time_point when) {
    if (std::exchange(overdue_told_, true)) return;
    net().world().at(when, [l = std::weak_ptr(from_), token = token_] {
      const auto link = l.lock();
      if (link && link->open_ && link->observer_ != nullptr) link->observer_->on_overdue(*link, token);
    });
  }

  std::shared_ptr<network_link> from_;
  core::bytes message_;
  std::uint64_t token_;
  core::time_point sent_;
  std::uint8_t tries_ = 0, silent_ = 0;
  bool overdue_told_ = false;
  step next_ = step::arrive;
};

network_link::network_link(host& here, host& there)
    : here_(&here), there_(there.index()), place_(static_cast<unsigned>(here.links_.size())), peer_(there.certificate_) {
  here.links_.push_back(this);
}

std::pair<std::shared_ptr<network_link>, std::shared_ptr<network_link>> network_link::make(host& a, host& b) {
  auto mine = std::make_shared<network_link>(a, b);
  auto theirs = std::make_shared<network_link>(b, a);
  mine->other_ = theirs;
  theirs->other_ = mine;
  return {std::move(mine), std::move(theirs)};
}

network_link::~network_link() {
  if (here_ == nullptr) return;
  if (open_ && here_->alive_) reset_other();
  leave_host();
}

void network_link::leave_host() noexcept {
  if (here_ == nullptr) return;
  auto& all = here_->links_;
  all[place_] = all.back();
  all[place_]->place_ = place_;
  all.pop_back();
}

bool network_link::reached() const {
  const auto to = other_.lock();
  return to && to->open_ && here_->network_.reach(here_->index(), there_);
}

core::duration network_link::rtt() const noexcept {
  const auto& n = here_->network_;
  return 2 * n.distance(here_->index(), there_) + n.jitter;
}

core::duration network_link::rto() const noexcept { return std::clamp<core::duration>(2 * rtt(), 50ms, 1s); }

void network_link::observe(transport::link_observer* o) {
  observer_ = o;
  if (o == nullptr || !waiting_) return;
  auto& w = here_->network_.world();
  w.at(w.now(), [self = shared_from_this()] { self->drain(); });
}

void network_link::drain() {
  while (observer_ != nullptr && open_ && waiting_ && !waiting_->empty()) {  // ends with the queue
    const auto message = std::move(waiting_->front());
    waiting_->pop_front();
    observer_->on_message(*this, message);
  }
  if (waiting_ && waiting_->empty()) waiting_.reset();
}

void network_link::arrive(core::bytes message) {
  if (!open_ || !here_->alive_) return;
  ++here_->received;
  here_->received_bytes += message.size();
  if (observer_ != nullptr && !waiting_) return observer_->on_message(*this, message);
  if (!waiting_) waiting_ = std::make_unique<backlog>();
  if (waiting_->size() < backlog_max) waiting_->push_back(std::move(message));
  drain();
}

core::status network_link::send(core::byte_view message, std::uint64_t token) {
  if (!open_) return core::fail(transport::errc::closed);
  if (!here_->alive_) return {};
  auto& n = here_->network_;
  ++n.messages;
  ++here_->sent;
  auto copy = core::to_bytes(message);
  if (n.tap) n.tap(here_->index(), there_, copy);
  new transmission(shared_from_this(), std::move(copy), token);  // owns itself
  return {};
}

void network_link::shut(core::error why) {
  if (!open_) return;
  open_ = false;
  auto& w = here_->network_.world();
  w.at(w.now(), [self = shared_from_this(), why] {
    if (auto* o = std::exchange(self->observer_, nullptr)) o->on_closed(*self, why);
  });
}

void network_link::vanish() noexcept {
  observer_ = nullptr;
  open_ = false;
}

void network_link::reset_other() {
  auto& n = here_->network_;
  n.world().at(n.world().now() + n.one_way(here_->index(), there_), [to = other_] {
    if (const auto l = to.lock(); l && l->here_ != nullptr) l->shut(core::error(transport::errc::closed, "closed by the peer"));
  });
}

void network_link::close() {
  if (!open_) return;
  if (here_->network_.reach(here_->index(), there_)) reset_other();
  shut(core::error(transport::errc::closed, "closed here"));
}

}  // namespace phyllo::sim
