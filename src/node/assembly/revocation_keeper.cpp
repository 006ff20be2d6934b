#include "assembly/revocation_keeper.hpp"

#include "assembly/enrollment.hpp"
#include "files/revocation_file.hpp"
#include "phyllo/core/backoff.hpp"

namespace phyllo::node {
namespace {

constexpr auto save_revocations_every = std::chrono::seconds(30);
constexpr auto fetched_within = std::chrono::seconds(20);
constexpr core::duration links_first = std::chrono::seconds(3);  // most take the list of their neighbours meanwhile
constexpr core::duration asked_for_list_again = std::chrono::seconds(10);
constexpr core::duration asked_for_list_rarely = std::chrono::minutes(5);

}  // namespace

void revocation_keeper::load() {
  const auto loaded = load_revocations(parts_.settings, parts_.document.in_force().content, parts_.trust, parts_.env.wall_now());
  if (!loaded) log_.warning("the revocation list kept on disk is not used: {}", loaded.error().message());
  kept_ = parts_.trust.revocations().number();
}

void revocation_keeper::save() {
  const auto& list = parts_.trust.revocations();
  if (!list.whole() || list.number() == kept_) return;
  if (const auto saved = save_revocations(parts_.settings, list); !saved) return log_.warning("{}", saved.error().message());
  kept_ = list.number();
}

core::awaitable<void> revocation_keeper::keep() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(parts_.env, save_revocations_every);
    save();
  }
}

core::awaitable<void> revocation_keeper::learn(std::function<bool()> cut_off) {
  core::backoff pause(parts_.env, asked_for_list_again, asked_for_list_rarely);
  co_await core::sleep_for(parts_.env, links_first);
  while (true) {  // ends by cancellation
    const bool wanted = cut_off() || parts_.trust.revocations().number() == 0;
    if (wanted) co_await fetch();
    if (!wanted) pause.reset();
    const auto span = pause.next();
    co_await core::sleep_for(parts_.env, span);
  }
}

core::awaitable<void> revocation_keeper::fetch() {
  auto urls = parts_.settings.bootstrap.urls;  // a reload may change them meanwhile
  const auto& login = parts_.document.in_force().content.enrollment_servers;
  urls.insert(urls.end(), login.begin(), login.end());
  for (const auto& url : urls) {
    auto options = client_options_of(parts_.settings, parts_.clock.listener());
    if (!options) co_return;
    const auto text = co_await enrollment::fetch_revocations(parts_.env, std::move(*options), url, parts_.env.now() + fetched_within);
    if (!text) continue;
    const auto taken = take_revocations(core::as_bytes(*text), parts_.document.in_force().content, parts_.trust, parts_.env.wall_now());
    if (taken) co_return;
    log_.warning("the revocation list of {} is refused: {}", url, taken.error().message());
  }
}

}  // namespace phyllo::node
