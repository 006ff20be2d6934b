#include "phyllo/overlay/overlay_proxy.hpp"

#include <functional>
#include <utility>

namespace phyllo::overlay {
namespace {

class overlay_proxy final : public overlay {
 public:
  overlay_proxy(core::shard_door& home, core::shard_door& there, overlay& of) : home_(home), there_(there), of_(of) {}

  core::awaitable<core::result<outcome>> get(std::string id, name n, read_options o) override {
    return ask([&of = of_, id = std::move(id), n = std::move(n), o] { return of.get(id, n, o); });
  }
  core::awaitable<core::result<outcome>> add(std::string id, name n, record r, std::chrono::seconds lifetime, write_options o) override {
    return ask([&of = of_, id = std::move(id), n = std::move(n), r = std::move(r), lifetime, o = std::move(o)] {
      return of.add(id, n, r, lifetime, o);
    });
  }
  core::awaitable<core::result<outcome>> update(std::string id, name n, record r, std::chrono::seconds lifetime, write_options o) override {
    return ask([&of = of_, id = std::move(id), n = std::move(n), r = std::move(r), lifetime, o = std::move(o)] {
      return of.update(id, n, r, lifetime, o);
    });
  }
  core::awaitable<core::result<outcome>> remove(std::string id, name n, write_options o) override {
    return ask([&of = of_, id = std::move(id), n = std::move(n), o = std::move(o)] { return of.remove(id, n, o); });
  }
  core::awaitable<core::result<outcome>> watch(std::string id, name n, watch_options o) override {
    return ask([&of = of_, id = std::move(id), n = std::move(n), o] { return of.watch(id, n, o); });
  }

 private:
  core::awaitable<core::result<outcome>> ask(std::move_only_function<core::awaitable<core::result<outcome>>()> what) {
    return core::hop<outcome>(home_, there_, std::move(what));
  }

  core::shard_door& home_;
  core::shard_door& there_;
  overlay& of_;
};

}  // namespace

std::unique_ptr<overlay> make_overlay_proxy(core::shard_door& home, core::shard_door& there, overlay& of) {
  return std::make_unique<overlay_proxy>(home, there, of);
}

}  // namespace phyllo::overlay
