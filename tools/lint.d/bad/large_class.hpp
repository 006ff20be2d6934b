// A class of more methods than one can hold in the head, and one of more members.
#pragma once

class does_too_much {  // bad
 public:
  void method_0();
  void method_1();
  void method_2();
  void method_3();
  void method_4();
  void method_5();
  void method_6();
  void method_7();
  void method_8();
  void method_9();
  void method_10();
  void method_11();
  void method_12();
  void method_13();
  void method_14();
  void method_15();
  void method_16();
  void method_17();
  void method_18();
  void method_19();
  void method_20();
  void method_21();
  void method_22();
  void method_23();
  void method_24();
  void method_25();
  void method_26();
  void method_27();
  void method_28();
  void method_29();
  void method_30();
};

class knows_too_much {  // bad
 private:
  int member_0 = 0;
  int member_1 = 0;
  int member_2 = 0;
  int member_3 = 0;
  int member_4 = 0;
  int member_5 = 0;
  int member_6 = 0;
  int member_7 = 0;
  int member_8 = 0;
  int member_9 = 0;
  int member_10 = 0;
  int member_11 = 0;
  int member_12 = 0;
  int member_13 = 0;
  int member_14 = 0;
  int member_15 = 0;
  int member_16 = 0;
  int member_17 = 0;
  int member_18 = 0;
  int member_19 = 0;
  int member_20 = 0;
};
