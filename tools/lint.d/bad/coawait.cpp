// What the query must find: each coroutine below has one of the forms in which GCC 12 destroys a temporary twice, save the last two.
#include <coroutine>
#include <string>

struct task {
  struct promise_type {
    task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
struct value {
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  int await_resume() const noexcept { return 1; }
};
struct options {
  std::string text;
  int number = 0;
};
value send(options) { return {}; }
template <typename F>
value call(F) {
  return {};
}
value plain(int) { return {}; }

task condition_around(bool which) { int v = which ? co_await plain(1) : 2; (void)v; }  // bad
task condition_within(bool which) { co_await plain(which ? 1 : 2); }  // bad
task capturing_lambda(int n) { co_await call([n] { return n; }); }  // bad
task made_with_braces() { co_await send({"text", 1}); }  // bad
task named_with_braces() { co_await send(options{"text", 1}); }  // bad

task named_first() {
  const options o{"text", 1};
  co_await send(o);
}
task lambda_without_capture() { co_await call([] { return 1; }); }
