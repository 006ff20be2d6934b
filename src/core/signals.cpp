#include "phyllo/core/signals.hpp"

#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>

namespace phyllo::core {

struct signal_watch::impl {
  explicit impl(const executor& ex) : set(ex) {}
  asio::signal_set set;
};

signal_watch::signal_watch(environment& env, std::initializer_list<int> signals) : impl_(std::make_unique<impl>(env.get_executor())) {
  for (const auto s : signals) impl_->set.add(s);
}

signal_watch::~signal_watch() = default;

awaitable<int> signal_watch::wait() { co_return co_await impl_->set.async_wait(asio::use_awaitable); }

}  // namespace phyllo::core
