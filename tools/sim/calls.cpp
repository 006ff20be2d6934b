#include "calls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "phyllo/overlay/errc.hpp"
#include "progress.hpp"
#include "sip/digest.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr const char* domain = "example.org";
constexpr const char* password = "secret";
constexpr core::duration settled = 60s;  // of the ring, and of phones that come at once
constexpr core::duration last_calls_end = 120s;

core::duration seconds_of(double s) { return std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(s)); }

// 100.64.0.0/10, which no node has.
transport::endpoint phone_address(std::size_t i) {
  return {asio::ip::make_address_v4(0x64400000U + static_cast<std::uint32_t>(i)), sim::carrier::sip_port};
}

sim::ring_options options_of(const settings& s) {
  sim::ring_options o;
  o.seed = s.seed;
  o.crypto = s.crypto;
  o.overlay_name = domain;
  o.domains = {domain};
  return o;
}

core::awaitable<core::result<std::string>> secret_of(std::string user, std::string algorithm, bool whole) {
  const auto name = whole ? user : user.substr(0, user.find('@'));
  const auto a = sip::parse_digest_algorithm(algorithm);
  if (!a) co_return core::fail(overlay::errc::not_found);
  co_return sip::digest_hash(*a, name + ":" + domain + ":" + password);
}

}  // namespace

calls::calls(const calls_parameters& p, const settings& s) : p_(p), ring_(options_of(s)), carrier_(ring_.network()) {
  ring_.network().topology = sim::make_flat(20ms);
  keys_->add(domain, 1, identity::generate_seal_key());
  (void)keys_->use_at(ring_.world().wall_now());
}

// The process ends: what waits still is never told.
calls::~calls() {
  for (auto& [index, s] : servers_) {
    static_cast<void>(s->service.release());
    static_cast<void>(s->host.release());
    static_cast<void>(s.release());
  }
  for (auto& t : phones_) static_cast<void>(t.ua.release());
  for (auto& s : buried_) static_cast<void>(s.release());
}

void calls::run(report& r) {
  grow();
  register_all();
  progress bar("calls");
  const auto begun = world().now();
  const auto end = begun + std::chrono::seconds(p_.seconds);
  const double rate = p_.calls * static_cast<double>(phones_.size());
  auto next_death = p_.deaths > 0 ? begun + seconds_of(60 / p_.deaths) : core::time_point::max();
  while (world().now() < end) {  // ends in time
    call();
    if (world().now() >= next_death) {
      kill_one();
      next_death += seconds_of(60 / p_.deaths);
    }
    world().run_for(seconds_of(1 / rate));
    bar.at(static_cast<double>((world().now() - begun).count()), static_cast<double>((end - begun).count()));
  }
  world().run_for(last_calls_end);
  ending_ = true;
  tell(r);
}

void calls::grow() {
  progress bar("joining");
  ring_.grow(p_.nodes, 24h, [&](std::size_t n) { bar.at(static_cast<double>(n), static_cast<double>(p_.nodes)); });
  world().run_for(settled);
  for (const auto& [id, n] : ring_.active_nodes()) serve(*n);
}

void calls::serve(sim::node& n) {
  auto s = std::make_unique<server>();
  s->node = &n;
  s->host = carrier_.open(*n.host, n.credential->certificate);
  sip::service_options o;
  o.domains = {domain};
  o.self = n.id();
  o.advertised_address = sim::network::address(n.index).address.to_string();
  o.keys = keys_;
  o.trust = &ring_.issuer().trust();
  o.has_failed = [peer = n.peer.get()](const identity::node_id& other) { return peer->has_failed(other); };
  s->service = sip::service::create(n.host->env(), o, *s->host, *n.peer, secret_of, ring_.metrics(), core::logger());
  s->serves(true);
  servers_.insert_or_assign(n.index, std::move(s));
}

transport::endpoint calls::any_node() { return {sim::network::address(ring_.random_active().index).address, sim::carrier::sip_port}; }

calls::telephone& calls::any_phone() { return phones_[world().random()() % phones_.size()]; }

void calls::register_all() {
  progress bar("registering");
  phones_.resize(p_.users);
  for (std::size_t i = 0; i < p_.users; ++i) {
    auto& t = phones_[i];
    t.ua =
        std::make_unique<phone>(world().env(), carrier_, "user" + std::to_string(i) + "@" + domain, password, phone_address(i), i % 2 == 0);
    world().spawn(keep_registered(t));
    world().run_for(core::duration(1s) / 200);
    bar.at(static_cast<double>(i), static_cast<double>(p_.users));
  }
  world().run_for(settled);
  registered_ = static_cast<std::size_t>(std::ranges::count_if(phones_, [](const auto& t) { return t.ua->registered(); }));
}

// Again at half of what was granted; who gets no answer goes to another node, as phones with several outbound proxies do.
core::awaitable<void> calls::keep_registered(telephone& t) {
  auto node = any_node();
  while (!ending_) {  // ends with the run
    const bool good = co_await t.ua->registers(node, std::chrono::seconds(p_.expires_s));
    if (!good) {
      ++lost_;
      node = any_node();
      co_await core::sleep_for(world().env(), core::random_between(world().env(), 1s, 3s));
      continue;
    }
    const core::duration span = t.ua->granted();
    co_await core::sleep_for(world().env(), core::random_between(world().env(), span * 4 / 10, span / 2));
  }
}

void calls::kill_one() {
  if (ring_.active() < 3) return;
  auto& n = ring_.random_active();
  const auto at = servers_.find(n.index);
  if (at == servers_.end()) return;
  ++deaths_;
  died_.insert_or_assign(sim::network::address(n.index).address, world().now());
  auto s = std::move(at->second);
  servers_.erase(at);
  s->serves(false);
  world().spawn(bury(std::move(s)));
  ring_.kill(n);
}

core::awaitable<void> calls::bury(std::unique_ptr<server> s) {
  co_await s->service->stop();
  buried_.push_back(std::move(s));
}

void calls::call() {
  auto& from = any_phone();
  auto& to = any_phone();
  if (&from == &to || from.busy || to.busy || !from.ua->registered() || !to.ua->registered()) return;
  world().spawn(one_call(
      from, to, core::random_between(world().env(), std::chrono::seconds(p_.talk_s) / 2, std::chrono::seconds(p_.talk_s) * 3 / 2)));
}

bool calls::touched(const telephone& t, const transport::endpoint& node) const {
  return died_.contains(node.address) || died_.contains(t.ua->node().address) || !t.ua->registered();
}

core::awaitable<void> calls::one_call(telephone& from, telephone& to, core::duration talk) {
  from.busy = to.busy = true;
  const auto mine = from.ua->node();
  const auto theirs = to.ua->node();
  ++tally_.made;
  const auto o = co_await from.ua->calls(to.ua->user(), talk);
  from.busy = to.busy = false;
  if (o.good()) {
    ++tally_.good;
    tally_.post_dial_ms.push_back(std::chrono::duration<double, std::milli>(o.post_dial).count());
  } else if (touched(from, mine) || touched(to, theirs)) {
    ++tally_.of_the_dead;
  } else {
    ++tally_.failed;
    ++tally_.why[o.status == 200 ? "BYE unanswered" : o.status == 0 ? "INVITE unanswered" : std::to_string(o.status)];
  }
}

void calls::tell(report& r) {
  std::ranges::sort(tally_.post_dial_ms);
  const auto quantile = [&](double q) {
    if (tally_.post_dial_ms.empty()) return 0.0;
    return tally_.post_dial_ms[static_cast<std::size_t>(q * static_cast<double>(tally_.post_dial_ms.size() - 1))];
  };
  r.section("calls");
  r.figure("supernodes at the end", static_cast<double>(ring_.active()));
  r.figure("supernodes that died", static_cast<double>(deaths_));
  r.at_least("phones registered before the first call", static_cast<double>(registered_), static_cast<double>(p_.users));
  r.figure("registrations without a 200, asked again elsewhere", static_cast<double>(lost_));
  r.figure("calls", static_cast<double>(tally_.made));
  r.figure("calls that went through to their end", static_cast<double>(tally_.good));
  r.figure("calls that a dead node of either phone ended", static_cast<double>(tally_.of_the_dead));
  std::string why;
  for (const auto& [reason, count] : tally_.why) why += fmt::format("{}{} times {}", why.empty() ? "" : ", ", count, reason);
  r.invariant("no other call failed", why);
  r.figure("until it rings, median", quantile(0.5), "ms");
  r.figure("until it rings, 99th of a hundred", quantile(0.99), "ms");
  r.figure("datagrams", static_cast<double>(carrier_.datagrams));
  r.figure("streams between supernodes", static_cast<double>(carrier_.streams));
}

void add_calls(CLI::App& app, const settings& s, experiment& chosen) {
  auto p = std::make_shared<calls_parameters>();
  auto* sub = app.add_subcommand("calls", "Phones, half of them behind NATs, register and call each other while supernodes die");
  sub->add_option("--nodes", p->nodes, "Supernodes")->capture_default_str()->check(CLI::Range(3, 10'000));
  sub->add_option("--users", p->users, "Phones, each of a user of its own")->capture_default_str()->check(CLI::Range(2, 1'000'000));
  sub->add_option("--seconds", p->seconds, "Of calls")->capture_default_str()->check(CLI::Range(1, 86'400));
  sub->add_option("--calls", p->calls, "A second and user")->capture_default_str()->check(CLI::PositiveNumber);
  sub->add_option("--talk", p->talk_s, "Mean seconds of a call")->capture_default_str()->check(CLI::Range(2, 3600));
  sub->add_option("--deaths", p->deaths, "Of supernodes, a minute")->capture_default_str()->check(CLI::NonNegativeNumber);
  sub->add_option("--expires", p->expires_s, "Seconds that phones register for")->capture_default_str()->check(CLI::Range(60, 43'200));
  sub->callback([p, &s, &chosen] { chosen = [p, &s](report& r) { calls(*p, s).run(r); }; });
}

}  // namespace phyllo::simulate
