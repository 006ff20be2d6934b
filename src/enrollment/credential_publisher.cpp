#include "phyllo/enrollment/credential_publisher.hpp"

#include <algorithm>

#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/overlay/errc.hpp"
#include "resealing.hpp"
#include "user_domain.hpp"

namespace phyllo::enrollment {
namespace {

constexpr auto publish_every = std::chrono::seconds(1);
constexpr std::chrono::seconds lifetime{86400};  // the Kind's longest: registrars outlive a day without login server
constexpr unsigned in_flight_max = 16;
constexpr auto timeout = std::chrono::seconds(10);

}  // namespace

credential_publisher::credential_publisher(core::environment& env, overlay::overlay& overlay, enrollment::accounts& accounts,
                                           core::duration key_overlap, core::metrics& m, core::logger log)
    : env_(env),
      overlay_(overlay),
      accounts_(accounts),
      log_(std::move(log)),
      published_(m.get_counter("phyllo_credentials_published_total", "Credential records stored by this login server.")),
      resealing_(std::make_unique<resealing>(key_overlap)),
      tasks_(env) {}

credential_publisher::~credential_publisher() = default;

void credential_publisher::start() { tasks_.spawn(run()); }

core::awaitable<void> credential_publisher::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

core::awaitable<void> credential_publisher::run() {
  auto all_again = env_.now() + lifetime / 2;
  while (true) {  // ends by cancellation
    if (env_.now() >= all_again) {
      change_ = 0;
      all_again = env_.now() + lifetime / 2;
    }
    collect();
    reseal();
    while (workers_ < in_flight_max && !pending_.empty()) {  // ends with enough workers, or when they have taken all
      ++workers_;                                            // first: a worker may begin, and even end, inside spawn
      tasks_.spawn(work());
    }
    co_await core::sleep_for(env_, publish_every);
  }
}

void credential_publisher::collect() {
  const auto changed = accounts_.changed_since(change_);
  if (!changed) return log_.warning("credentials: {}", changed.error().message());
  pending_.insert(pending_.end(), failed_.begin(), failed_.end());
  failed_.clear();
  for (const auto& a : *changed) {
    change_ = std::max(change_, a.changed);
    pending_.push_front(a.user);
  }
}

core::awaitable<void> credential_publisher::work() {
  while (!pending_.empty()) {  // ends when all are taken
    auto user = std::move(pending_.front());
    pending_.pop_front();
    co_await publish(std::move(user));
  }
  if (--workers_ > 0) co_return;
  log_.info("credentials: {} records published, {} to be tried again", stored_, failed_.size());
  stored_ = 0;
}

core::awaitable<void> credential_publisher::publish(std::string user) {
  const auto domain = domain_of(user);
  const auto secret = accounts_.secret(user);
  if (!secret) co_return resealing_->sealed(domain, user, UINT32_MAX);  // removed meanwhile
  const auto keys = keys_of(domain);
  if (!keys) {
    log_.warning("credentials: {}", keys.error().message());
    failed_.insert(user);
    co_return;
  }
  const auto generation = (*keys)->newest(domain);
  auto sealed = seal_secret(**keys, user, *secret);
  if (!sealed) co_return;
  overlay::record record;
  record.name = overlay::name{"credential", user};
  record.lifetime_s = static_cast<std::uint32_t>(lifetime.count());
  record.value = std::move(*sealed);
  overlay::write_options write;
  write.timeout = timeout;
  const auto name = record.name;
  const std::string only;
  const auto stored = co_await overlay_.update(only, name, std::move(record), lifetime, write);
  if (stored) {
    published_.add();
    ++stored_;
    resealing_->sealed(domain, user, generation);
  } else if (!(stored.error() == overlay::errc::forbidden)) {
    failed_.insert(user);
  } else {
    resealing_->sealed(domain, user, UINT32_MAX);
    log_.warning("credentials: an account of a domain without authority is not published: {}", stored.error().message());
  }
}

// Another process may rotate a key at any time; what is sealed after that must be sealed with the new generation.
core::result<const identity::domain_keyring*> credential_publisher::keys_of(const std::string& domain) {
  const auto latest = accounts_.latest_change();
  if (!latest) return core::fail(latest.error());
  if (*latest != keys_change_) keys_ = identity::domain_keyring();
  keys_change_ = *latest;
  if (keys_.newest(domain) == 0) {
    const auto all = accounts_.domain_keys(domain);
    if (!all) return core::fail(all.error());
    for (const auto& k : *all) keys_.add(domain, k.generation, k.pair);
    resealing_->learn(domain, *all);
  }
  return &keys_;
}

void credential_publisher::look_at_keys() {
  const auto domains = accounts_.domains_with_keys();
  if (!domains) return log_.warning("domain keys: {}", domains.error().message());
  for (const auto& domain : *domains) {
    if (const auto keys = keys_of(domain); !keys) log_.warning("domain keys: {}", keys.error().message());
  }
}

void credential_publisher::reseal() {
  const auto latest = accounts_.latest_change();
  if (latest && *latest != keys_change_) look_at_keys();
  while (const auto domain = resealing_->due(env_.wall_now())) {  // ends when each domain has been begun
    const auto all = accounts_.list();
    if (!all) return log_.warning("credentials: {}", all.error().message());
    std::set<std::string> users;
    for (const auto& a : *all) {
      if (domain_of(a.user) == *domain) users.insert(a.user);
    }
    log_.info("credentials: the key of {} has a new generation; {} records are sealed anew", *domain, users.size());
    pending_.insert(pending_.end(), users.begin(), users.end());
    resealing_->sealing(*domain, std::move(users));
  }
  if (const auto old = resealing_->forgettable(env_.wall_now())) {
    if (auto done = accounts_.forget_domain_keys(old->first, old->second); !done)
      return log_.warning("domain keys: {}", done.error().message());
    log_.info("the key of {}: generations before {} are forgotten", old->first, old->second);
    look_at_keys();
  }
}

}  // namespace phyllo::enrollment
