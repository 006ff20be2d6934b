#include "phyllo/core/shard.hpp"

#include <pthread.h>

#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <exception>
#include <thread>

namespace phyllo::core {

struct shard::impl {
  explicit impl(std::string n) : name(std::move(n)) {}

  std::string name;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::unique_ptr<environment> env = make_system_environment(io.get_executor());
  std::thread thread;
};

shard::shard(std::string name) : impl_(std::make_unique<impl>(std::move(name))) {}

shard::~shard() {
  stop();
  join();
}

environment& shard::env() noexcept { return *impl_->env; }

void shard::start() {
  impl_->thread = std::thread([i = impl_.get()] {
    pthread_setname_np(pthread_self(), i->name.substr(0, 15).c_str());
    i->io.run();
  });
}

void shard::run_here() { impl_->io.run(); }

void shard::run(awaitable<void> main) {
  std::exception_ptr thrown;
  asio::co_spawn(impl_->io, std::move(main), [&](const std::exception_ptr& e) {
    thrown = e;
    impl_->io.stop();
  });
  impl_->io.run();
  if (thrown) std::rethrow_exception(thrown);
}

void shard::stop() { impl_->io.stop(); }

void shard::join() {
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace phyllo::core
