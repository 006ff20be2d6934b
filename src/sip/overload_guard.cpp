#include "overload_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace phyllo::sip {
namespace {

using rank = overload_control::rank;

constexpr std::array<std::string_view, 3> reasons{"sip_overload_strangers", "sip_overload_requests", "sip_overload_answers"};  // by rank
constexpr core::duration probe_interval = std::chrono::milliseconds(20);
constexpr std::size_t neighbours_max = 4'096;
constexpr std::chrono::milliseconds report_lasts{1000};

// A filter costs the kernel a millisecond, which is much for a host that has little to spare. So it is told at once only when there is to
// be one or none, or when what is read differs by half; what differs less waits for the next time, and is refused here meanwhile.
constexpr core::duration filter_every = std::chrono::milliseconds(500);
constexpr double differs = 1.2;
constexpr double differs_much = 2;

// Where the kernel drops most without a word, a word to all of the rest tells few phones more, and a response is what costs in a refusal.
constexpr double answers_max = 20;
constexpr double answers_per_admitted = 0.05;
constexpr double answers_per_probe = 0.2;  // ten a second, however little is admitted

// Of shares that are not read: whether what is read differs by such a factor.
bool differ(double a, double b, double much) {
  if (a != b && std::min(a, b) <= 0) return true;
  return 1 - a > much * (1 - b) || 1 - b > much * (1 - a);
}

}  // namespace

overload_guard::overload_guard(core::environment& env, nonce_check ours, shedder shed, core::metrics& m, core::logger log)
    : env_(env),
      ours_(std::move(ours)),
      shed_(std::move(shed)),
      metrics_(m),
      unread_(m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", "sip_overload_unread"}})),
      log_(std::move(log)),
      dice_(static_cast<std::minstd_rand::result_type>(core::random_u64(env) | 1)),
      tag_("busy-" + std::to_string(core::random_u64(env))),
      neighbours_(neighbours_max, core::random_hash_key(env)) {}

void overload_guard::waited(core::duration wait) { control_.waited(wait, env_.now()); }

void overload_guard::tell() {
  const bool overloaded = control_.level() > 0.5;
  if (overloaded == told_) return;
  if (overloaded) log_.warning("overloaded: new requests are refused");
  if (told_ && control_.level() > 0) return;
  if (!overloaded) log_.info("no longer overloaded");
  told_ = overloaded;
}

void overload_guard::shed() {
  const auto wanted = control_.unread();
  const bool shed_before = shed_now_ != sip_shares();
  const double much = env_.now() < filter_due_ ? differs_much : differs;
  if (differ(wanted.first, shed_now_.first, much) || differ(wanted.answering, shed_now_.answering, much)) {
    shed_now_ = wanted;
    filter_due_ = env_.now() + filter_every;
  }
  const auto load = shed_(shed_now_);
  if (shed_before) unread_.add(load.dropped);
  control_.filled(load.filled, env_.now());
}

// Only what comes by UDP passes the kernel's filter. What a neighbour has thinned out is not thinned again (RFC 7339 s.5.10.2).
double overload_guard::read_share(const glance& seen, const source& from) const {
  if (from.peer) {
    const auto* told = neighbours_.find(from.peer->node());
    return told == nullptr || env_.now() >= told->until ? 1 : told->share;
  }
  if (from.by != protocol::udp) return 1;
  return 1 - (seen.credentials.empty() ? shed_now_.first : shed_now_.answering);
}

doorkeeper::entry overload_guard::enter(std::string_view text, const source& from, bool proven, core::duration age) {
  if (control_.level() <= 0 && age <= overload_control::given_up) return entry::admitted;
  const auto seen = glance::at(text);
  const auto r = rank_of(seen, from, proven);
  if (r == rank::dialog) {
    const bool of_refusal = seen.what == glance::kind::ack && seen.to_tag.starts_with(tag_);
    return of_refusal ? entry::dropped : entry::admitted;
  }
  if (age > control_.age_max(r)) {
    control_.gave_up(r);
    metrics_.drop("sip_overload_old");
    return entry::dropped;
  }
  const double thrown = static_cast<double>(dice_()) / static_cast<double>(std::minstd_rand::max());
  if (control_.admits(r, read_share(seen, from), thrown)) {
    allow_answers(answers_per_admitted);
    return entry::admitted;
  }
  metrics_.drop(reasons.at(static_cast<std::size_t>(r)));
  return is_answered(from) ? entry::refused : entry::dropped;
}

bool overload_guard::is_answered(const source& from) {
  if (from.by != protocol::udp || shed_now_ == sip_shares()) return true;
  if (answers_ < 1) return false;
  --answers_;
  return true;
}

void overload_guard::allow_answers(double more) noexcept { answers_ = std::min(answers_max, answers_ + more); }

rank overload_guard::rank_of(const glance& seen, const source& from, bool proven) const {
  if (seen.what == glance::kind::response) return rank::dialog;
  if (!seen.credentials.empty() &&
      ours_(std::string(parameter_of(seen.credentials, "realm")), parameter_of(seen.credentials, "nonce"), from))
    return seen.to_tag.empty() || !seen.routed ? rank::answer : rank::dialog;
  if (!proven) return rank::stranger;
  const bool goes_on = seen.what == glance::kind::ack || seen.what == glance::kind::cancel || (!seen.to_tag.empty() && seen.routed);
  return goes_on ? rank::dialog : rank::newcomer;
}

std::string overload_guard::refusal_of(std::string_view request) {
  return unavailable_to(request, tag_, 5 + static_cast<unsigned>(dice_() % 11));  // as add_retry_after() has it
}

void overload_guard::leaving(std::string& response, const identity::node_id& to) {
  constexpr double all = 100;
  const auto percent = static_cast<std::uint32_t>(std::lround(all * control_.refused(rank::newcomer)));
  const auto lasting = percent == 0 ? std::chrono::milliseconds::zero() : report_lasts;
  constexpr std::uint64_t in_a_millisecond = 100;  // of the sequence's steps
  const auto sequence = static_cast<std::uint64_t>(core::unix_milliseconds(env_.wall_now())) * in_a_millisecond;
  if (!write_report(response, {percent, lasting, sequence}) || percent == 0) return;
  neighbours_.try_emplace(to).first = {1 - percent / all, env_.now() + lasting};
}

core::awaitable<void> overload_guard::watch() {
  while (true) {
    const auto due = env_.now() + probe_interval;
    co_await core::sleep_until(env_, due);
    const auto now = env_.now();
    control_.late(now - due, now);
    tell();
    shed();
    allow_answers(answers_per_probe);
  }
}

}  // namespace phyllo::sip
