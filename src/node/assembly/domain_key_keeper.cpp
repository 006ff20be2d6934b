#include "assembly/domain_key_keeper.hpp"

#include <algorithm>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr auto asked_again_after = std::chrono::seconds(5);  // on average: a few times may follow at once
constexpr auto asked_at_once_max = 4;
constexpr auto looked_at_every = std::chrono::seconds(5);
constexpr auto waits_at_most = std::chrono::seconds(5);  // who needs a key for a phone's request

struct asking {
  explicit asking(bool& flag) : flag_(flag) { flag_ = true; }
  ~asking() { flag_ = false; }
  asking(const asking&) = delete;
  asking& operator=(const asking&) = delete;

 private:
  bool& flag_;
};

}  // namespace

domain_key_keeper::domain_key_keeper(core::environment& env, std::string file, core::duration every, source ask, core::logger log)
    : env_(env), file_(std::move(file)), every_(every), ask_(std::move(ask)), log_(std::move(log)) {}

void domain_key_keeper::load() {
  if (file_.empty()) return;
  const auto text = disk::read_file(file_);
  if (!text || !*text) return;
  auto kept = identity::domain_keyring::parse(**text);
  if (!kept) return log_.warning("{}: {}", file_, kept.error().message());
  keys_ = std::make_shared<const identity::domain_keyring>(*std::move(kept));
  use(env_.wall_now());
}

void domain_key_keeper::tell(std::function<void(keyring)> of) {
  of(keys_);
  told_.push_back(std::move(of));
}

core::awaitable<void> domain_key_keeper::refresh() {
  const auto deadline = env_.now() + waits_at_most;
  if (asking_) {
    while (asking_ && env_.now() < deadline) co_await core::sleep_for(env_, std::chrono::milliseconds(20));  // ends with the answer
    co_return;
  }
  const auto interval = std::min<core::duration>(asked_again_after, every_);
  if (asks_full_ - env_.now() > interval * (asked_at_once_max - 1)) co_return;
  asks_full_ = std::max(asks_full_, env_.now()) + interval;
  const asking now(asking_);
  auto fresh = co_await ask_();
  if (!fresh) {
    log_.warning("the keys of this node's domains, as it has them, stay: {}", fresh.error().message());
  } else if (!(*fresh == *keys_)) {
    take(std::move(*fresh));
  }
}

void domain_key_keeper::take(identity::domain_keyring fresh) {
  for (const auto& domain : fresh.domains()) log_.info("the key of {}: generation {} is at hand", domain, fresh.newest(domain));
  if (!file_.empty()) {
    if (auto kept = disk::write_private_file(file_, fresh.print()); !kept) log_.warning("{}", kept.error().message());
  }
  keys_ = std::make_shared<const identity::domain_keyring>(std::move(fresh));
  use(env_.wall_now());
}

void domain_key_keeper::use(core::wall_time now) {
  auto ring = *keys_;
  next_use_ = ring.use_at(now).value_or(core::wall_time::max());
  keys_ = std::make_shared<const identity::domain_keyring>(std::move(ring));
  for (const auto& of : told_) of(keys_);
}

// The wall clock decides when a generation comes into use, and may jump: it is looked at again and again.
core::awaitable<void> domain_key_keeper::run() {
  while (true) {  // ends by cancellation
    co_await refresh();
    const auto next = env_.now() + core::random_between(env_, every_ / 2, every_);
    while (env_.now() < next) {  // ends when it is time to ask
      const auto until = std::min<core::time_point>(next, env_.now() + looked_at_every);
      co_await core::sleep_until(env_, until);
      if (env_.wall_now() >= next_use_) use(env_.wall_now());
    }
  }
}

}  // namespace phyllo::node
