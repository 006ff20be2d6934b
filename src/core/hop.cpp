#include "phyllo/core/hop.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <exception>
#include <list>
#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::core {
namespace {

bool was_cancelled(const std::exception_ptr& e) {
  try {
    std::rethrow_exception(e);
  } catch (const std::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

// What is to be done there when the waiter has gone.
struct at_exit {
  std::function<void()> todo;
  ~at_exit() {
    if (todo) todo();
  }
};

}  // namespace

// Who asked: touched on his shard only, where its last reference goes, too.
struct shard_door::waiter {
  explicit waiter(environment& env) : signal(env.make_timer()) { signal->set(time_point::max()); }
  std::unique_ptr<timer> signal;
  bool done = false;
  status how;
};

// What he asked for: touched where it runs.
struct shard_door::call {
  shard_door& home;
  std::shared_ptr<waiter> by;
  asio::cancellation_signal stop{};

  void finish(status how) {
    home.post_surely([w = std::move(by), how = std::move(how)]() mutable {
      w->done = true;
      w->how = std::move(how);
      w->signal->cancel();
    });
  }
};

struct shard_door::calls {
  explicit calls(environment& env) : ended(env.make_timer()) {}
  std::list<std::shared_ptr<call>> running;
  std::unique_ptr<timer> ended;
};

shard_door::shard_door(environment& env) : env_(env), inbox_(env.get_executor(), works_max), calls_(std::make_shared<calls>(env)) {}
shard_door::~shard_door() = default;

void shard_door::begin(const std::shared_ptr<call>& c, maker what) {
  const auto at = calls_->running.insert(calls_->running.end(), c);
  auto finished = [all = calls_, at](const std::exception_ptr& e) {
    if (e && !was_cancelled(e)) std::rethrow_exception(e);  // a bug: out of the event loop, the process ends
    (*at)->finish(e ? fail(errc::cancelled) : status());
    all->running.erase(at);
    if (all->running.empty()) all->ended->cancel();
  };
  asio::co_spawn(env_.get_executor(), what(), asio::bind_cancellation_slot(c->stop.slot(), std::move(finished)));
}

awaitable<status> shard_door::ask(shard_door& there, maker what) {
  const auto own = std::make_shared<waiter>(env_);
  const auto c = std::make_shared<call>(*this, own);
  inbox::work begins = [&there, c, w = std::move(what)]() mutable { there.begin(c, std::move(w)); };
  if (!there.post(std::move(begins))) co_return fail(errc::full, "too much waits at the other shard");
  at_exit cancels;
  cancels.todo = [&there, c, own] {
    if (!own->done) there.post_surely([c] { c->stop.emit(asio::cancellation_type::terminal); });
  };
  while (!own->done) co_await own->signal->wait();  // ends when the task has ended, or throws when cancelled
  co_return own->how;
}

awaitable<void> shard_door::join() {
  const auto passed = std::make_shared<bool>(false);
  inbox_.post_surely([passed, all = calls_] {
    *passed = true;
    all->ended->cancel();
  });
  while (!*passed || !calls_->running.empty()) {  // ends with the last task
    calls_->ended->set(time_point::max());
    co_await calls_->ended->wait();
  }
}

}  // namespace phyllo::core
