#include "credential_publisher.hpp"

#include <algorithm>

#include "phyllo/enrollment/login_client.hpp"

namespace phyllo::node {
namespace {

constexpr auto look_every = std::chrono::seconds(1);
constexpr auto sweep_every = std::chrono::seconds(60);
constexpr std::chrono::seconds lifetime{86400};  // the Kind's longest: registrars outlive a day without login server
constexpr unsigned in_flight_max = 16;
constexpr auto timeout = std::chrono::seconds(10);

}  // namespace

credential_publisher::credential_publisher(core::environment& env, overlay::overlay& overlay, enrollment::accounts& accounts,
                                           core::bytes domain_public_key, core::metrics& m, core::logger log)
    : env_(env),
      overlay_(overlay),
      accounts_(accounts),
      domain_public_key_(std::move(domain_public_key)),
      log_(std::move(log)),
      published_(m.get_counter("phyllo_credentials_published_total", "Credential records stored by this login server.")),
      tasks_(env) {}

void credential_publisher::start() { tasks_.spawn(run()); }

core::awaitable<void> credential_publisher::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

core::awaitable<void> credential_publisher::run() {
  auto all_again = env_.now() + lifetime / 2;
  auto sweep = env_.now() + sweep_every;
  while (true) {  // ends by cancellation
    if (env_.now() >= all_again) {
      change_ = 0;
      all_again = env_.now() + lifetime / 2;
    }
    collect();
    while (workers_ < in_flight_max && !pending_.empty()) {  // ends with enough workers, or when they have taken all
      ++workers_;                                            // first: a worker may begin, and even end, inside spawn
      tasks_.spawn(work());
    }
    if (env_.now() >= sweep) {
      co_await withdraw_removed();
      sweep = env_.now() + sweep_every;
    }
    co_await core::sleep_for(env_, look_every);
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
  const auto secret = accounts_.secret(user);
  if (!secret) co_return;  // removed meanwhile
  auto sealed = enrollment::seal_secret(domain_public_key_, user, *secret);
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
    known_.insert(user);
  } else if (!(stored.error() == overlay::errc::forbidden)) {
    failed_.insert(user);
  } else {
    log_.warning("credentials: an account of a domain without authority is not published: {}", stored.error().message());
  }
}

core::awaitable<void> credential_publisher::withdraw_removed() {
  const auto all = accounts_.list();
  if (!all) co_return;
  std::set<std::string> there;
  for (const auto& a : *all) there.insert(a.user);
  std::vector<std::string> gone;
  std::ranges::set_difference(known_, there, std::back_inserter(gone));
  const std::string only;
  for (const auto& user : gone) {
    const overlay::name name{"credential", user};
    const overlay::write_options write;
    const auto removed = co_await overlay_.remove(only, name, write);
    if (removed || removed.error() == overlay::errc::not_found) known_.erase(user);
  }
}

}  // namespace phyllo::node
