#include "assembly/certificate_keeper.hpp"

#include "files/credential_file.hpp"
#include "phyllo/identity/errc.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_every = std::chrono::seconds(10);
constexpr auto first_pause = std::chrono::seconds(10);
constexpr auto longest_pause = std::chrono::minutes(1);
constexpr auto refusals_apart = std::chrono::hours(1);

}  // namespace

standing standing_of(const identity::certificate& c, const identity::trust& t, core::wall_time now, core::wall_time due, bool refused) {
  if (t.revoked(c.node())) return standing::dismissed;
  if (t.revoked(c)) return standing::revoked;
  const auto checked = t.check(c, now);
  if (!checked && checked.error() == identity::errc::unknown_issuer) return standing::foreign;
  if (now > c.not_after()) return standing::ended;
  if (refused) return standing::unknown;
  if (t.outdated(c)) return standing::outdated;
  return now >= due ? standing::due : standing::good;
}

std::string text_of(standing s) {
  switch (s) {
    case standing::good:
    case standing::due: return {};
    case standing::outdated: return "the authority of the node's account has changed since its certificate was issued";
    case standing::unknown: return "the login server does not take the node's certificate: its account, or the server's data, are others";
    case standing::ended: return "the node's certificate has ended";
    case standing::foreign: return "the node's certificate is of no certificate authority of the overlay";
    case standing::revoked:
      return "the node's certificate is revoked: its account was removed, has another password, or has lost authority";
    case standing::dismissed: return "the node is revoked for good: it is one of the overlay's bad nodes (overlay.bad_nodes)";
  }
  return {};
}

certificate_keeper::certificate_keeper(core::environment& env, const identity::trust& trust, identity::credential now, source renew,
                                       sink taken, core::logger log)
    : env_(env),
      trust_(trust),
      credential_(std::move(now)),
      due_(renewal_time(credential_.certificate, env.wall_now())),
      renew_(std::move(renew)),
      taken_(std::move(taken)),
      log_(std::move(log)),
      wanted_(env, 1),
      pause_(env, first_pause, longest_pause) {}

standing certificate_keeper::standing_now() const { return standing_of(credential_.certificate, trust_, env_.wall_now(), due_, refused_); }

std::optional<std::string> certificate_keeper::wrong() const {
  auto text = text_of(standing_now());
  if (text.empty()) return std::nullopt;
  if (!failure_.empty()) text += "; there is no other yet: " + failure_;
  return text;
}

void certificate_keeper::look() {
  next_try_ = {};
  pause_.reset();
  wanted_.push(true);
}

void certificate_keeper::mistrust() {
  if (refused_ || env_.now() < refusals_count_from_) return;
  refused_ = true;
  look();
}

void certificate_keeper::note(standing s) {
  if (s == noted_) return;
  noted_ = s;
  if (const auto text = text_of(s); !text.empty()) log_.warning("{}; the node asks for another", text);
}

// One that is revoked from its birth would be thrown away at once, and another asked for, without end.
core::status certificate_keeper::usable(const core::result<identity::credential>& got) const {
  if (!got) return core::fail(got.error());
  const auto checked = trust_.check(got->certificate, env_.wall_now());
  const bool useless = !checked && (checked.error() == identity::errc::revoked || checked.error() == identity::errc::unknown_issuer);
  return useless ? core::fail(checked.error().at("the new certificate")) : core::status();
}

core::awaitable<void> certificate_keeper::renew(standing why) {
  auto got = co_await renew_(credential_, why);
  if (const auto good = usable(got); !good) {
    failure_ = good.error().message();
    next_try_ = env_.now() + pause_.next();
    log_.warning("certificate not renewed: {}", failure_);
    co_return;
  }
  if (why == standing::unknown) refusals_count_from_ = env_.now() + refusals_apart;
  credential_ = std::move(*got);
  due_ = renewal_time(credential_.certificate, env_.wall_now());
  failure_.clear();
  refused_ = false;
  noted_ = standing::good;
  next_try_ = {};
  pause_.reset();
  co_await taken_(credential_);
}

core::awaitable<void> certificate_keeper::run() {
  while (true) {  // ends by cancellation
    (void)co_await wanted_.receive(env_.now() + look_every);
    const auto s = standing_now();
    note(s);
    if (s == standing::good || env_.now() < next_try_) continue;
    co_await renew(s);
  }
}

}  // namespace phyllo::node
