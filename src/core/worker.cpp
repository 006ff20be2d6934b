#include "phyllo/core/worker.hpp"

#include <pthread.h>

#include <asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "phyllo/core/errc.hpp"

namespace phyllo::core {
namespace {

// What a waiter and the thread share: touched on the waiter's executor only.
struct completion {
  explicit completion(environment& env) : signal(env.make_timer()) { signal->set(time_point::max()); }
  std::unique_ptr<timer> signal;
  bool done = false;
};

struct job {
  std::function<void()> work;
  std::shared_ptr<completion> waiter;
  executor home;
};

}  // namespace

struct worker::impl {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<job> queue;
  std::size_t queue_max = 0;
  bool stopping = false;
  std::thread thread;

  bool push(job j) {
    {
      const std::lock_guard lock(mutex);
      if (queue.size() >= queue_max) return false;
      queue.push_back(std::move(j));
    }
    wake.notify_one();
    return true;
  }

  void run() {
    while (true) {  // ends when stopping
      std::unique_lock lock(mutex);
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (stopping) return;
      job j = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      j.work();
      // The waiter's last reference must go on its executor: a timer is not thread-safe.
      asio::post(j.home, [waiter = std::move(j.waiter)] {
        waiter->done = true;
        waiter->signal->cancel();
      });
    }
  }
};

worker::worker(std::string name, std::size_t queue_max) : impl_(std::make_unique<impl>()) {
  impl_->queue_max = queue_max;
  impl_->thread = std::thread([i = impl_.get()] { i->run(); });
  pthread_setname_np(impl_->thread.native_handle(), name.substr(0, 15).c_str());
}

worker::~worker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

awaitable<status> worker::run(environment& env, std::function<void()> work) {
  auto waiter = std::make_shared<completion>(env);
  job j{std::move(work), waiter, env.get_executor()};
  if (!impl_->push(std::move(j))) co_return fail(errc::full, "too much work waits");
  while (!waiter->done) co_await waiter->signal->wait();  // ends when the work is done, or throws when cancelled
  co_return status();
}

}  // namespace phyllo::core
