from odoo.tests import BaseCase

from ..policy import collision


class TestPolicyCollision(BaseCase):
    """Whether two deals are the same, as people really type them.  Source: (c2)."""

    def test_a_customer_typed_three_ways(self):
        for names in (
            ("云亭电梯（集团）有限公司", "云亭电梯 集团 有限公司", "云亭电梯"),
            ("Tianheng Elevator Co., Ltd.", "TIANHENG ELEVATOR", "\uff34ianheng Elevator"),
        ):
            self.assertEqual(len({collision.normalised(name) for name in names}), 1, names)
            self.assertTrue(collision.same_company(names[0], names[1]))

    def test_a_bilingual_name_is_known_by_its_halves(self):
        name = "Lingfeng Elevator 凌峰电梯"
        for other in ("凌峰电梯有限公司", "LINGFENG ELEVATOR CO., LTD.", "凌峰电梯"):
            self.assertTrue(collision.same_company(name, other), other)
        self.assertFalse(collision.same_company(name, "Tianheng Elevator 天衡电梯"))
        self.assertFalse(collision.same_company("Lingfeng 电梯", "Tianheng 电梯"), "no name")

    def test_different_customers(self):
        self.assertFalse(collision.same_company("天衡电梯", "云亭电梯"))
        self.assertFalse(collision.same_company("有限公司", "Co., Ltd."), "nothing left")
        self.assertFalse(collision.same_company("", None))

    def test_credit_codes(self):
        self.assertEqual(
            collision.credit_code("91330100 ma2b-xyz1 23"),
            collision.credit_code("91330100MA2BXYZ123"),
        )
        self.assertEqual(collision.credit_code("n/a"), "")
        self.assertEqual(collision.credit_code(None), "")

    def test_projects(self):
        self.assertTrue(collision.same_project("Metro Line 7", "metro line 7 (doors)"))
        self.assertTrue(collision.same_project("地铁7号线", "江城 地铁 7 号线"))
        self.assertTrue(collision.same_project("", "anything"), "not named yet: may be any")
        self.assertFalse(collision.same_project("Metro Line 6", "Metro Line 7"))
        self.assertTrue(
            collision.same_project(
                "Door operators 新系列门机", "Door operators, new series 新系列门机"
            )
        )
        self.assertTrue(collision.same_project("Metro line 7 地铁7号线", "Line 7, 地铁7号线"))
        self.assertFalse(collision.same_project("Metro line 7 地铁7号线", "Line 6, 地铁6号线"))
        self.assertFalse(collision.same_project("Line 7 doors 号线门", "Line 6 doors 号线门"))

    def test_scopes(self):
        self.assertTrue(collision.overlaps([1, 2], [2, 3]))
        self.assertTrue(collision.overlaps([], [2]), "not chosen yet: may be any")
        self.assertFalse(collision.overlaps([1], [2]))
